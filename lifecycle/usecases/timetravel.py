"""The state of a world as of any place in its journal."""

from typing import NamedTuple

from lifecycle.codec.events import GENESIS_HASH
from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.evolve import InvariantError, evolve, initial
from lifecycle.core.state import WorldState
from lifecycle.journal import reading, snapshots
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import Head
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.verify import remembering


class StateAt(NamedTuple):
    """A world's state after the event at `seq`, and its digest."""

    world: str
    seq: int
    head_seq: int
    state: WorldState
    digest: str


def state_at(slug: str, seq: int | None = None) -> StateAt:
    """Replay a world to a place, or to its head, from the nearest snapshot.

    Raises:
        WorldNotFoundError: no such world.
        InvalidParameterError: the place lies outside of the journal.
        JournalBrokenError: the journal is broken on the way.
    """
    passed: list[snapshots.Snapshot] = []
    with reading.read_snapshot():
        head = journal.get_head(slug)
        at = head.seq if seq is None else seq
        if not 0 <= at <= head.seq:
            raise InvalidParameterError("at", {"minimum": 0, "maximum": head.seq, "received": at})
        state = _replay(head, at, passed)
    for snapshot in passed:
        snapshots.save_snapshot(head.world_pk, snapshot)
    return StateAt(slug, at, head.seq, state, state_digest(state))


def _replay(head: Head, at: int, passed: list[snapshots.Snapshot]) -> WorldState:
    start = snapshots.find_snapshot(head.world_pk, at=at)
    if start is None:
        start = snapshots.Snapshot(0, GENESIS_HASH, initial())
    state = start.state
    # The stored length is enough here; `verify` reads the bytes themselves.
    measure = remembering(content.size_of)
    checked = reading.stream_checked(
        head.world_pk, after=start.seq, after_hash=start.event_hash, to=at
    )
    for recorded in checked:
        try:
            state = evolve(state, recorded, measure)
        except InvariantError as error:
            raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
        if recorded.seq % snapshots.SPACING == 0:
            event = reading.find_event(head.world_pk, recorded.seq)
            if event is not None:
                passed.append(snapshots.Snapshot(recorded.seq, event.hash, state))
    return state
