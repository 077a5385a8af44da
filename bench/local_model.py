"""Turns of the real local model against a world: ``python -m bench.local_model``.

It keeps all in one folder and goes on there where it was cut off. Nothing is judged here: what the
turns came to is counted in `turn_table`.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import django
from django.conf import settings
from django.core.management import call_command

ROOT: Final = Path(__file__).resolve().parents[1]
SLUG: Final = "local-model"
PLACES: Final = ("yard", "mill", "harbour")
DIALECTS: Final = ("tools", "json_schema", "text")
# So many turns of one dialect come one after the other: the prompts' common beginning is then
# read once, and a run that is cut off has nearly equal shares.
_ROUND: Final = 10
# Every first answer counts as it is.
SETTINGS: Final[Mapping[str, str]] = {
    "WORLDSIM_TURN_REPAIRS": "0",
    "WORLDSIM_TURN_SECONDS": "600",
}
# Under a grammar an answer ends by itself; otherwise a base model's has no end but this one.
ANSWER_TOKENS: Final[Mapping[str, int]] = {"tools": 96, "json_schema": 192, "text": 96}
# What may not be left out of a dialect's prompt, schemas included, and a little of its history: on
# one core a prompt is read at some hundred tokens a second, and what changes of it is read anew.
PROMPT_TOKENS: Final[Mapping[str, int]] = {"tools": 4800, "json_schema": 3200, "text": 2700}
_ADDRESS: Final = re.compile(r"base URL  (\S+)\nmodel     (\S+)\n")


def agent_of(dialect: str) -> str:
    """Give the agent that is asked in a dialect."""
    return f"by-{dialect}"


def main() -> int:
    """Take what is missing of the turns, print the table, verify the world."""
    options = _options()
    options.data.mkdir(parents=True, exist_ok=True)
    os.environ |= {**SETTINGS, "WORLDSIM_DATA": str(options.data.resolve())}
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "worldsim.settings"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    from bench import turn_table

    _found()
    _Turns(options).take()
    return turn_table.show(SLUG, {dialect: agent_of(dialect) for dialect in DIALECTS})


def _options() -> argparse.Namespace:
    default = Path(tempfile.gettempdir()) / "worldsim-llm-turns"
    parser = argparse.ArgumentParser(prog="python -m bench.local_model", description=__doc__)
    parser.add_argument("--turns", type=int, default=500, help="of all dialects together (500)")
    parser.add_argument("--data", type=Path, default=default, help=f"its folder ({default})")
    parser.add_argument("--threads", type=int, default=1, help="cores for the model (1)")
    return parser.parse_args()


def _found() -> None:
    """Found the world with an agent for each dialect, where it is not there yet."""
    from lifecycle.journal.store import find_head
    from lifecycle.usecases import worlds

    if find_head(SLUG) is not None:
        return
    worlds.create_world(SLUG)
    for place in PLACES:
        worlds.add_location(SLUG, place)
    for dialect in DIALECTS:
        worlds.add_agent(SLUG, agent_of(dialect), at=PLACES[0])


class _Turns:
    """The taking of turns; Ctrl-C ends it after the turn that is being taken."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._told_to_stop = False

    def take(self) -> None:
        """Take turns until every dialect has its share."""
        if not any(self._missing().values()):
            return
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        with _children(self._options) as (base_url, model):
            _let_go_of_lost_runs()
            while not self._told_to_stop and any((missing := self._missing()).values()):
                # The dialect that is behind comes first.
                dialect = max(missing, key=lambda name: missing[name])
                self._round(dialect, base_url, model, min(_ROUND, missing[dialect]))

    def _missing(self) -> dict[str, int]:
        from bench.turn_table import turns_of

        places = enumerate(DIALECTS)
        share, rest = divmod(self._options.turns, len(DIALECTS))
        return {
            dialect: max(0, share + (place < rest) - turns_of(SLUG, agent_of(dialect)).count())
            for place, dialect in places
        }

    def _round(self, dialect: str, base_url: str, model: str, turns: int) -> None:
        from lifecycle.agents.runner import TurnReport, run_in_foreground
        from lifecycle.usecases.run_requests import RunRequest

        limits = {
            "prompt_tokens": PROMPT_TOKENS[dialect],
            "turn_answer_tokens": ANSWER_TOKENS[dialect],
        }
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=limits)

        def tell(report: TurnReport) -> None:
            print(f"{dialect:12} {report.ended.outcome}", flush=True)

        request = RunRequest(
            SLUG, agent_of(dialect), model, base_url, dialect, turns, foreground=True
        )
        run_in_foreground(request, tell, lambda: self._told_to_stop)

    def _stop(self, *_: object) -> None:
        if self._told_to_stop:
            raise KeyboardInterrupt
        self._told_to_stop = True
        print("Ending after this turn; the same command goes on from there.", flush=True)


def _let_go_of_lost_runs() -> None:
    """End what a run left that was killed; its turn stands on the record as lost."""
    from lifecycle.models.runs import AgentRun
    from lifecycle.usecases.runs import close_foreground

    for run in AgentRun.objects.filter(state__in=["running", "stopping"]):
        close_foreground(run.pk, run.lease_token, lost=True)


@contextmanager
def _children(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Run the model and a worker that compiles; give the model's address and name."""
    parent = ["--parent", str(os.getpid())]
    served = ["local_model", "--threads", str(options.threads), "--slots", "1", *parent]
    model = _start(served, stdout=subprocess.PIPE)
    worker = _start(["worker", *parent])
    try:
        said = "".join(model.stdout.readline() for _ in range(2)) if model.stdout else ""
        found = _ADDRESS.fullmatch(said)
        if found is None:
            raise SystemExit("The local model did not start; its own words stand above.")
        yield found[1], found[2]
    finally:
        worker.send_signal(signal.SIGINT)
        model.terminate()
        worker.wait()
        model.wait()


def _start(argv: list[str], stdout: int | None = None) -> "subprocess.Popen[str]":
    # In a session of its own: the terminal's Ctrl-C is ours to act on.
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *argv],
        stdout=stdout,
        text=True,
        start_new_session=True,
    )


if __name__ == "__main__":
    sys.exit(main())
