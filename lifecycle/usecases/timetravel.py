"""The state of a world as of any place in its journal."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from lifecycle.codec.events import GENESIS_HASH
from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.events import Recorded
from lifecycle.core.evolve import InvariantError, evolve, initial
from lifecycle.core.named_content import content_named_by
from lifecycle.core.state import WorldState
from lifecycle.journal import reading, recent, snapshots
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.snapshots import Snapshot
from lifecycle.journal.store import Head
from lifecycle.usecases.errors import InvalidParameterError

_BATCH: Final = 500


class StateAt(NamedTuple):
    """A world's state after the event at `seq`, and its digest."""

    world: str
    seq: int
    head_seq: int
    state: WorldState
    digest: str


def state_at(slug: str, seq: int | None = None) -> StateAt:
    """Replay a world to a place, or to its head, from the nearest state that is known.

    Raises:
        WorldNotFoundError: no such world.
        InvalidParameterError: the place lies outside of the journal.
        JournalBrokenError: the journal is broken on the way.
    """
    passed: list[Snapshot] = []
    with reading.read_snapshot():
        head = journal.get_head(slug)
        at = head.seq if seq is None else seq
        if not 0 <= at <= head.seq:
            raise InvalidParameterError("at", {"minimum": 0, "maximum": head.seq, "received": at})
        state = _replay(head, at, passed)
    for snapshot in passed:
        if snapshot.seq % snapshots.SPACING == 0:
            snapshots.save_snapshot(head.world_pk, snapshot)
        recent.keep_recent(head.world_pk, snapshot)
    return StateAt(slug, at, head.seq, state, state_digest(state))


def _replay(head: Head, at: int, passed: list[Snapshot]) -> WorldState:
    start = _nearest(head, at)
    state, reached = start.state, start.seq
    checked = reading.stream_checked(
        head.world_pk, after=start.seq, after_hash=start.event_hash, to=at
    )
    for batch in _batches(checked):
        # The stored length is enough here; `verify` reads the bytes themselves.
        named = {digest for recorded in batch for digest in content_named_by(recorded.event)}
        measure = content.sizes_of(named).get if named else content.size_of
        for recorded in batch:
            try:
                state = evolve(state, recorded, measure)
            except InvariantError as error:
                raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
            reached = recorded.seq
            if _is_kept(recorded.seq, at):
                event = reading.find_event(head.world_pk, recorded.seq)
                if event is not None:
                    passed.append(Snapshot(recorded.seq, event.hash, state))
    if reached < at:
        raise JournalBrokenError(reached + 1, "missing", "the event is missing")
    return state


def _is_kept(seq: int, at: int) -> bool:
    return seq == at or seq % snapshots.SPACING == 0 or seq % recent.SPACING == 0


def _nearest(head: Head, at: int) -> Snapshot:
    """Give the last state at or before a place that needs no replay.

    A state that was kept from before a fault was found vouches for nothing at or past the fault.
    """
    last = at if head.fault_seq is None else min(at, max(0, head.fault_seq - 1))
    lately = recent.find_recent(head.world_pk, at=last)
    if lately is not None and lately.seq >= last - last % snapshots.SPACING:
        return lately
    stored = snapshots.find_snapshot(head.world_pk, at=last)
    known = [Snapshot(0, GENESIS_HASH, initial()), *filter(None, (lately, stored))]
    return max(known, key=lambda snapshot: snapshot.seq)


def _batches(checked: Iterable[Recorded]) -> Iterator[list[Recorded]]:
    """Give events in lists; those before a broken one come before its error does."""
    stream = iter(checked)
    while True:
        batch: list[Recorded] = []
        broken = None
        try:
            for recorded in islice(stream, _BATCH):
                batch.append(recorded)  # noqa: PERF402 - what came before an error is kept
        except JournalBrokenError as error:
            broken = error
        if batch:
            yield batch
        if broken is not None:
            raise broken
        if len(batch) < _BATCH:
            return
