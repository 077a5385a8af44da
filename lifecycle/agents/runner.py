"""Takes the turns of runs: one for the queue, or all of a run in the foreground.

What a turn does stands in `turn`; rows and leases are kept by `usecases.runs`.
"""

import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from django.conf import settings

from lifecycle.agents.turn import Ended, Turn
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import (
    LOST,
    TurnLease,
    claim_turn,
    close_foreground,
    end_turn,
    renew,
    start_run,
)
from lifecycle.usecases.turns import NoDecision, is_compiling, record_no_decision

COMPILE_WAIT_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1
_RENEWALS: Final = 3
_log = logging.getLogger(__name__)


class TurnReport(NamedTuple):
    """A turn that was taken in the foreground, and the state of its run after it."""

    number: int
    ended: Ended
    run_state: str


def take_turn(run_pk: int) -> str:
    """Take a run's next turn for the queue; give its outcome, or ``not_claimed``."""
    lease = claim_turn(run_pk)
    if lease is None:
        return "not_claimed"
    outcome = _taken(lease).ended.outcome
    owner = lease.owner
    _log.info("run %s: turn %s of %s: %s", owner.run_id, lease.number, owner.agent_id, outcome)
    return outcome


def run_in_foreground(
    request: RunRequest, on_turn: Callable[[TurnReport], None], told_to_stop: Callable[[], bool]
) -> str:
    """Start a run and take its turns here; give the run's id.

    However this ends, the run ends with it.

    Args:
        request: The run, which must be one in the foreground.
        on_turn: Called after each turn.
        told_to_stop: Looked at after each turn; `True` stops the run there.

    Raises:
        WorldNotFoundError: no such world.
        RefusedError: no such agent.
        UseCaseError: the request is not sound, or the agent has a run already.
    """
    run = start_run(request)
    token, lost = run.lease_token or "", True
    try:
        while not told_to_stop():
            lease = claim_turn(run.pk, token)
            if lease is None:
                break
            on_turn(_taken(lease))
        lost = False
    finally:
        close_foreground(run.pk, token, lost=lost)
    return run.run_id


def _taken(lease: TurnLease) -> TurnReport:
    hold = _Hold(lease)
    ended = Turn(lease, hold).take() if _compiles_ended(lease, hold) else _lost(lease)
    state = end_turn(lease, ended.recorded, ended.outcome, answered=ended.answered)
    return TurnReport(lease.number, ended, state)


def _lost(lease: TurnLease) -> Ended:
    recorded = record_no_decision(lease.owner, lease.number, NoDecision(LOST, None, {}), None)
    return Ended(recorded, LOST, answered=True)


def _compiles_ended(lease: TurnLease, hold: "_Hold") -> bool:
    """Wait for the agent's own compile, within bounds; `False` where the turn is lost meanwhile.

    Its result is what the next decision rests on. The turn's own time begins after it.
    """
    ends_at_s = time.monotonic() + COMPILE_WAIT_SECONDS
    while is_compiling(lease.owner) and time.monotonic() < ends_at_s:
        if not hold():
            return False
        time.sleep(_LOOK_SECONDS)
    return True


class _Hold:
    """Renews a lease as often as it needs, however often it is called."""

    def __init__(self, lease: TurnLease) -> None:
        self._lease = lease
        self._due_s = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._due_s:
            return True
        self._due_s = time.monotonic() + settings.ENVIRONMENT.lease_seconds / _RENEWALS
        return renew(self._lease)
