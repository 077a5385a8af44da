"""Runs of agents by models: start, stop, take a turn by a lease, end it, take up what was lost.

As with compiles, the queue may deliver a run twice, late or never; the run's row decides. How a
turn is taken is `agents`' matter.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from lifecycle.access.callers import SeenWorld, get_any_world
from lifecycle.core.ids import AgentId, is_id
from lifecycle.core.rejections import AgentNotFound
from lifecycle.core.values import JsonObject
from lifecycle.journal.store import get_head
from lifecycle.models.projections import Agent
from lifecycle.models.runs import AgentRun, AgentTurn, RunState, TurnState
from lifecycle.models.worlds import World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import (
    NotFoundError,
    RefusedError,
    RunExistsError,
    WorldBrokenError,
)
from lifecycle.usecases.queue import enqueue_turn, worker_is_stopping
from lifecycle.usecases.run_requests import RunRequest, require_sound
from lifecycle.usecases.soundness import require_sound_history
from lifecycle.usecases.turns import (
    NoDecision,
    Recorded,
    TurnOwner,
    find_turn_decision,
    record_no_decision,
)

LOST: Final = "turn_lost"
_ACTIVE: Final = (RunState.RUNNING, RunState.STOPPING)
_REQUEUE_AFTER: Final = timedelta(seconds=30)
_HANDED_OUT_AT_ONCE: Final = 64
# So many turns in a row without an answer end a run; a wrong key ends it at once.
_MOST_FAULTS: Final = 5
_HOPELESS: Final = frozenset({"model_unauthorised", WorldBrokenError.code})
_log = logging.getLogger(__name__)


class TurnLease(NamedTuple):
    """The right to take one turn of a run, for as long as it is renewed, and what to take it by."""

    run_pk: int
    turn_pk: int
    token: str
    number: int
    owner: TurnOwner
    model: str
    base_url: str
    dialect: str
    strict: bool
    goal: str


class Progress(NamedTuple):
    """How far a turn got: one object a call of the model, and what the calls cost."""

    steps: Sequence[JsonObject]
    tokens_in: int
    tokens_out: int
    latency_ms: int


def start_run(request: RunRequest) -> AgentRun:
    """Start a run; its first turn is queued, unless it is in the foreground.

    Raises:
        WorldNotFoundError: no such world.
        RefusedError: no such agent.
        InvalidParameterError: a field is not what it must be.
        RunExistsError: the agent has a run already.
        WorldBrokenError: the world's history is known to be broken.
    """
    require_sound(request)
    require_sound_history(get_head(request.world))
    world = get_any_world(request.world)
    agents = Agent.objects.filter(world_id=world.pk, agent_id=request.agent_id)
    if not is_id(request.agent_id) or not agents.exists():
        raise RefusedError(AgentNotFound("agent_id", AgentId(shown(request.agent_id))))
    try:
        with transaction.atomic():
            run = _new_run(world, request)
            if not run.foreground:
                enqueue_turn(run.pk)
    except IntegrityError as error:
        raise RunExistsError("agent_id", {"agent_id": request.agent_id}) from error
    return run


def _new_run(world: SeenWorld, request: RunRequest) -> AgentRun:
    now = utc_now()
    return AgentRun.objects.create(
        world_id=world.pk,
        run_id=new_id(),
        agent_id=request.agent_id,
        model=request.model.strip(),
        base_url=request.base_url.rstrip("/"),
        dialect=request.dialect,
        strict=request.strict,
        goal=request.goal.strip(),
        turns_wanted=request.turns,
        account=request.account,
        foreground=request.foreground,
        created_at=now,
        enqueued_at=now,
        # In the foreground one process holds the run from its start to its end.
        lease_token=new_id() if request.foreground else None,
        lease_expires_at=now + _lease_time() if request.foreground else None,
    )


def stop_run(world: SeenWorld, run_id: str) -> str:
    """End a run: now, or after the turn that is being taken. Give its state.

    Raises:
        NotFoundError: the world has no such run.
    """
    with transaction.atomic():
        runs = AgentRun.objects.select_for_update().filter(world_id=world.pk, run_id=run_id)
        run = runs.first()
        if run is None:
            raise NotFoundError("run_id", {"received": run_id[:80]})
        if run.state not in _ACTIVE:
            return run.state
        if _is_held(run, utc_now()):
            run.state = RunState.STOPPING
        else:
            _settle_lost_turn(run)
            _finish(run, RunState.STOPPED)
        run.save()
        return run.state


def claim_turn(run_pk: int, token: str | None = None) -> TurnLease | None:
    """Take the next turn of a run that nobody holds; end what a lost holder left.

    Args:
        run_pk: The run.
        token: Of who holds the run in the foreground.
    """
    with transaction.atomic():
        runs = AgentRun.objects.select_for_update().filter(pk=run_pk, state__in=_ACTIVE)
        run, now = runs.first(), utc_now()
        if run is None or (_is_held(run, now) and run.lease_token != token):
            return None
        if run.foreground and run.lease_token != token:
            return None
        _settle_lost_turn(run)
        if run.state == RunState.STOPPING:
            _finish(run, RunState.STOPPED)
        elif run.state == RunState.RUNNING and _world_is_broken(run):
            # Before the model is asked for what nobody would take.
            _finish(run, RunState.FAILED, WorldBrokenError.code)
        if run.state != RunState.RUNNING:
            run.save()
            return None
        run.lease_token = run.lease_token if run.foreground else new_id()
        run.lease_expires_at = now + _lease_time()
        run.save()
        number = run.turns_taken + 1
        turn = AgentTurn.objects.create(run=run, number=number, started_at=now, dialect=run.dialect)
        return _lease_of(run, turn)


def _world_is_broken(run: AgentRun) -> bool:
    return World.objects.filter(pk=run.world_id, fault_code__isnull=False).exists()


def _lease_of(run: AgentRun, turn: AgentTurn) -> TurnLease:
    return TurnLease(
        run_pk=run.pk,
        turn_pk=turn.pk,
        token=run.lease_token or "",
        number=turn.number,
        owner=_owner_of(run),
        model=run.model,
        base_url=run.base_url,
        dialect=run.dialect,
        strict=run.strict,
        goal=run.goal,
    )


def _owner_of(run: AgentRun) -> TurnOwner:
    slug = World.objects.values_list("slug", flat=True).get(pk=run.world_id)
    return TurnOwner(run.run_id, SeenWorld(run.world_id, slug), AgentId(run.agent_id), run.account)


def renew(lease: TurnLease) -> bool:
    """Hold on to a turn; `False` says that it is lost, or that this worker is to stop."""
    held = AgentRun.objects.filter(pk=lease.run_pk, lease_token=lease.token, state__in=_ACTIVE)
    kept = held.update(lease_expires_at=utc_now() + _lease_time())
    return bool(kept) and not worker_is_stopping()


def note_prompt(lease: TurnLease, digest: str, tokens: int, cut: Sequence[str]) -> None:
    """Write down what the model is about to be asked with."""
    AgentTurn.objects.filter(pk=lease.turn_pk, state=TurnState.RUNNING).update(
        prompt_digest=digest, prompt_tokens=tokens, cut=orjson.dumps(list(cut)).decode()
    )


def note_progress(lease: TurnLease, progress: Progress) -> None:
    """Write down how far a turn got, so that a lost one keeps what its model said."""
    AgentTurn.objects.filter(pk=lease.turn_pk, state=TurnState.RUNNING).update(
        steps=orjson.dumps(list(progress.steps)).decode().replace("\\u0000", "\\ufffd"),
        tokens_in=progress.tokens_in,
        tokens_out=progress.tokens_out,
        latency_ms=progress.latency_ms,
    )


def end_turn(lease: TurnLease, recorded: Recorded, outcome: str, *, answered: bool) -> str:
    """End a turn, and queue the next one or end the run. Give the run's state.

    A holder whose lease was lost changes nothing and is told ``discarded``.

    Args:
        lease: The turn.
        recorded: The decision record that it ended in.
        outcome: The decision's status, or the code of why there is none.
        answered: Whether the model gave an answer that could be judged.
    """
    with transaction.atomic():
        held = AgentRun.objects.select_for_update().filter(pk=lease.run_pk, state__in=_ACTIVE)
        run = held.filter(lease_token=lease.token).first()
        turn = AgentTurn.objects.filter(pk=lease.turn_pk, state=TurnState.RUNNING).first()
        if run is None or turn is None:
            _log.warning("run %s: turn %s ended late; dropped", lease.run_pk, lease.number)
            return "discarded"
        _close_turn(run, turn, recorded, outcome, answered=answered)
        if not run.foreground:
            run.lease_token = run.lease_expires_at = None
        if run.state == RunState.RUNNING and not run.foreground:
            run.enqueued_at = utc_now()
            enqueue_turn(run.pk)
        run.save()
        return run.state


def _close_turn(
    run: AgentRun, turn: AgentTurn, recorded: Recorded, outcome: str, *, answered: bool
) -> None:
    turn.state, turn.finished_at = TurnState.DONE, utc_now()
    turn.decision_id, turn.outcome = recorded.decision_id, outcome
    turn.save(update_fields=["state", "finished_at", "decision_id", "outcome"])
    run.turns_taken = turn.number
    run.faults_in_a_row = 0 if answered else run.faults_in_a_row + 1
    if outcome in _HOPELESS or run.faults_in_a_row >= _MOST_FAULTS:
        _finish(run, RunState.FAILED, outcome)
    elif run.state == RunState.STOPPING:
        _finish(run, RunState.STOPPED)
    elif run.turns_taken >= run.turns_wanted:
        _finish(run, RunState.FINISHED)


def _finish(run: AgentRun, state: RunState, reason: str = "") -> None:
    run.state, run.reason, run.finished_at = state, reason, utc_now()
    run.lease_token = run.lease_expires_at = None


def _settle_lost_turn(run: AgentRun) -> None:
    """End the turn of a holder that is gone: by what it submitted, or as lost."""
    turn = AgentTurn.objects.filter(run=run, state=TurnState.RUNNING).first()
    if turn is None:
        return
    owner = _owner_of(run)
    recorded = find_turn_decision(owner, turn.number)
    outcome = LOST if recorded is None else recorded.status
    if recorded is None:
        none = NoDecision(LOST, None, {})
        recorded = record_no_decision(owner, turn.number, none, turn.prompt_digest)
    # A lost process is no fault of the model's.
    _close_turn(run, turn, recorded, outcome, answered=True)


def close_foreground(run_pk: int, token: str | None, *, lost: bool) -> None:
    """End a run that its process leaves before its last turn.

    Args:
        run_pk: The run.
        token: Of the process that held it.
        lost: Whether it left without being told to.
    """
    with transaction.atomic():
        held = AgentRun.objects.select_for_update().filter(pk=run_pk, lease_token=token)
        run = held.filter(state__in=_ACTIVE).first()
        if run is not None:
            _settle_lost_turn(run)
            if run.state in _ACTIVE:
                _finish(run, *((RunState.FAILED, LOST) if lost else (RunState.STOPPED, "")))
            run.save()


def reap_runs() -> int:
    """Hand out the runs whose holder was lost, and those that a lost queue forgot."""
    now = utc_now()
    active = AgentRun.objects.filter(state__in=_ACTIVE)
    lost = Q(lease_expires_at__lt=now) & Q(enqueued_at__lt=now - _lease_time())
    forgotten = Q(lease_token=None) & Q(enqueued_at__lt=now - _REQUEUE_AFTER)
    due = (
        active.filter(lost | forgotten)
        .order_by("id")
        .values_list("pk", "foreground", "lease_token")
    )
    chosen = list(due[:_HANDED_OUT_AT_ONCE])
    for run_pk, foreground, token in chosen:
        if foreground:
            close_foreground(run_pk, token, lost=True)
            continue
        AgentRun.objects.filter(pk=run_pk).update(enqueued_at=now)
        enqueue_turn(run_pk)
    return len(chosen)


def look_at_turns() -> tuple[bool, int]:
    """Say whether runs wait while no turn is being taken, and which turn was begun last.

    What `run_agent` takes by itself says nothing of the agents' queue.
    """
    active = AgentRun.objects.filter(state__in=_ACTIVE, foreground=False)
    held = active.filter(lease_expires_at__gte=utc_now()).exists()
    queued = AgentTurn.objects.filter(run__foreground=False)
    newest = queued.aggregate(newest=Max("pk"))["newest"]
    return active.exists() and not held, newest or 0


def _is_held(run: AgentRun, now: datetime) -> bool:
    return run.lease_expires_at is not None and run.lease_expires_at >= now


def _lease_time() -> timedelta:
    return timedelta(seconds=settings.ENVIRONMENT.lease_seconds)
