"""Counts what the turns of a world's agents came to, and prints it as tables in Markdown.

Everything is read from the records, so it can be printed again at any time. No turn is taken here.
"""

import json
import os
import platform
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lifecycle.models.runs import AgentTurn


class Counted(NamedTuple):
    """What the turns of one agent came to.

    Attributes:
        turns: How many were begun.
        recorded: How many ended in a decision record.
        decisions: By outcome, the turns that came to a well-formed decision.
        faults: By code, the turns that did not.
        kinds: By name, the well-formed decisions.
        seconds: What the model took for each turn.
    """

    turns: int
    recorded: int
    decisions: Counter[str]
    faults: Counter[str]
    kinds: Counter[str]
    tokens_in: int
    tokens_out: int
    seconds: Sequence[float]


def turns_of(slug: str, agent_id: str) -> "QuerySet[AgentTurn]":
    """Give the turns of an agent's runs that are over."""
    from lifecycle.models.runs import AgentTurn

    of_agent = AgentTurn.objects.filter(run__world__slug=slug, run__agent_id=agent_id)
    return of_agent.exclude(state="running")


def show(slug: str, agents: Mapping[str, str]) -> int:
    """Print the tables of a world's agents by dialect, and what its verification says.

    Returns:
        0 where every turn is on the record and the world verifies, else 1.
    """
    from lifecycle.usecases.verify import verify_world

    counted = {dialect: _count(slug, agent) for dialect, agent in agents.items()}
    print(f"\n{_machine()}\n")
    _print_shares(counted)
    _print_reasons("What became of the decisions", {d: c.decisions for d, c in counted.items()})
    _print_reasons("Which decisions", {d: c.kinds for d, c in counted.items()})
    _print_reasons("Why there is no decision", {d: c.faults for d, c in counted.items()})
    report = verify_world(slug)
    verified = "verifies" if report.ok else f"is broken: {report.fault}"
    print(f"\nThe world {verified}: {report.events_checked} events, state {report.state_digest}")
    whole = all(one.recorded == one.turns for one in counted.values())
    return 0 if whole and report.ok else 1


def _count(slug: str, agent_id: str) -> Counted:
    from lifecycle.models.decisions import Decision

    turns = list(turns_of(slug, agent_id))
    ids = [turn.decision_id for turn in turns]
    rows = Decision.objects.filter(world__slug=slug, decision_id__in=ids)
    well_formed = [row for row in rows if row.kind]
    return Counted(
        turns=len(turns),
        recorded=len(rows),
        decisions=Counter(map(_outcome, well_formed)),
        faults=Counter(_code(row.rejection) for row in rows if not row.kind),
        kinds=Counter(row.kind for row in well_formed),
        tokens_in=sum(turn.tokens_in for turn in turns),
        tokens_out=sum(turn.tokens_out for turn in turns),
        seconds=[turn.latency_ms / 1000 for turn in turns],
    )


def _outcome(row: object) -> str:
    status, rejection = getattr(row, "status", ""), getattr(row, "rejection", None)
    return f"refused: {_code(rejection)}" if status == "rejected" else str(status)


def _code(rejection: str | None) -> str:
    return str(json.loads(rejection)["code"]) if rejection else "none"


def _machine() -> str:
    processor = next(_lines("/proc/cpuinfo", "model name"), platform.machine())
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}; load now {load}"


def _lines(path: str, key: str) -> Iterator[str]:
    file = Path(path)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return iter([line.split(":", 1)[1].strip() for line in text.splitlines() if key in line])


def _print_shares(counted: Mapping[str, Counted]) -> None:
    print(
        "| dialect | turns | on the record | well-formed decisions | tokens asked + answered "
        "| seconds, median | seconds, 95 % |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for dialect, one in counted.items():
        decided = one.decisions.total()
        print(
            f"| `{dialect}` | {one.turns} | {_share(one.recorded, one.turns)} "
            f"| {_share(decided, one.turns)} | {one.tokens_in} + {one.tokens_out} "
            f"| {_seconds(one.seconds)} |"
        )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "0"


def _seconds(values: Sequence[float]) -> str:
    if not values:
        return "none | none"
    highest = sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
    return f"{statistics.median(values):.1f} | {highest:.1f}"


def _print_reasons(title: str, counters: Mapping[str, Counter[str]]) -> None:
    names = sorted({name for counter in counters.values() for name in counter})
    if not names:
        return
    print(f"\n{title}:\n\n| | {' | '.join(f'`{dialect}`' for dialect in counters)} |")
    print(f"| --- |{' --- |' * len(counters)}")
    for name in names:
        print(f"| {name} | {' | '.join(str(counter[name]) for counter in counters.values())} |")
