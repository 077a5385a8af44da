"""Runs of agents and their turns, as documents: what was asked, what came, what became of it."""

import json
from typing import Final

from django.db.models import Count

from lifecycle.access.callers import SeenWorld
from lifecycle.models.runs import AgentRun, AgentTurn, RunState
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.pages import Page, page_of

# Outcomes of turns in which a model came to a decision; any other is the code of a fault.
DECIDED: Final = frozenset({"applied", "compiling", "unchanged", "rejected"})
_ACTIVE: Final = (RunState.RUNNING, RunState.STOPPING)


def runs_of(world: SeenWorld, *, active: bool = False, limit: int = 32) -> list[Document]:
    """Give a world's runs, newest first; `active` leaves out those that ended."""
    rows = AgentRun.objects.filter(world_id=world.pk).order_by("-id")
    if active:
        rows = rows.filter(state__in=_ACTIVE)
    return _run_documents(world, list(rows[:limit]))


def get_run(world: SeenWorld, run_id: str) -> Document:
    """Give one run of a world.

    Raises:
        NotFoundError: the world has no such run.
    """
    [document] = _run_documents(world, [_get_row(world, run_id)])
    return document


def turns_page(
    world: SeenWorld, run_id: str, *, before: int | None = None, limit: int = 32
) -> Page[Document]:
    """Give a run's turns, newest first, past the one with the number `before`.

    Raises:
        NotFoundError: the world has no such run.
        InvalidParameterError: `before` is no number of a turn.
    """
    if before is not None and before < 1:
        facts = {"received": str(before), "accepted": "a turn's number, from 1 on"}
        raise InvalidParameterError("before", facts)
    rows = AgentTurn.objects.filter(run=_get_row(world, run_id)).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    rows = rows.select_related("run")
    return page_of(rows[: limit + 1], limit, lambda row: row.number).map(_turn_document)


def get_turn(world: SeenWorld, run_id: str, number: int) -> Document:
    """Give one turn of a run.

    Raises:
        NotFoundError: the world has no such run, or the run no such turn.
    """
    rows = AgentTurn.objects.filter(run=_get_row(world, run_id), number=number)
    row = rows.select_related("run").first()
    if row is None:
        raise NotFoundError("number", {"received": number})
    return _turn_document(row)


def turn_of_decision(world: SeenWorld, decision_id: str) -> Document | None:
    """Give the turn that a decision was made in, where a run's model made it."""
    rows = AgentTurn.objects.filter(decision_id=decision_id, run__world_id=world.pk)
    row = rows.select_related("run").first()
    return None if row is None else _turn_document(row)


def _get_row(world: SeenWorld, run_id: str) -> AgentRun:
    row = AgentRun.objects.filter(world_id=world.pk, run_id=run_id).first()
    if row is None:
        raise NotFoundError("run_id", {"received": run_id[:80]})
    return row


def _run_documents(world: SeenWorld, rows: list[AgentRun]) -> list[Document]:
    turns = AgentTurn.objects.filter(run__in=rows, outcome__in=DECIDED).order_by()
    decided = dict(turns.values_list("run").annotate(Count("pk")))
    return [_run_document(world, row, decided.get(row.pk, 0)) for row in rows]


def _run_document(world: SeenWorld, row: AgentRun, decided: int) -> Document:
    return {
        "run_id": row.run_id,
        "world": world.slug,
        "agent_id": row.agent_id,
        "model": row.model,
        "base_url": row.base_url,
        "dialect": row.dialect,
        "strict": row.strict,
        "goal": row.goal,
        "turns_wanted": row.turns_wanted,
        "turns_taken": row.turns_taken,
        "turns_decided": decided,
        "state": row.state,
        "reason": row.reason or None,
        "account": row.account,
        "foreground": row.foreground,
        "created_at": utc_text(row.created_at),
        "finished_at": None if row.finished_at is None else utc_text(row.finished_at),
    }


def _turn_document(row: AgentTurn) -> Document:
    steps = json.loads(row.steps)
    return {
        "run_id": row.run.run_id,
        "agent_id": row.run.agent_id,
        "model": row.run.model,
        "number": row.number,
        "state": row.state,
        "started_at": utc_text(row.started_at),
        "finished_at": None if row.finished_at is None else utc_text(row.finished_at),
        "dialect": row.dialect,
        "prompt_digest": row.prompt_digest,
        "prompt_tokens": row.prompt_tokens,
        "cut": json.loads(row.cut),
        "calls": len(steps),
        # A call that met 429, 5xx or a lost connection is sent again.
        "requests": sum(max(1, step.get("tries", 1)) for step in steps),
        "steps": steps,
        "decision_id": row.decision_id,
        "outcome": row.outcome or None,
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "latency_ms": row.latency_ms,
    }
