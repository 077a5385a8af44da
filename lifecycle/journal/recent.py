"""States lately replayed, in this process's memory: who slides along a journal replays little.

They are disposable, like snapshots, and tied to the chain in the same way. Nothing is stored here.
"""

from bisect import bisect_right, insort
from collections import OrderedDict
from threading import Lock
from typing import Final

from lifecycle.journal.reading import find_event
from lifecycle.journal.snapshots import Snapshot

# Two states of one world share most of their memory, those of two worlds none.
_WORLDS: Final = 4
_OF_EACH_WORLD: Final = 24
SPACING: Final = 500


class _OfWorld:
    """A world's states by their places; the one that was asked for longest ago goes first."""

    def __init__(self) -> None:
        self._by_seq: OrderedDict[int, Snapshot] = OrderedDict()
        self._places: list[int] = []

    def __len__(self) -> int:
        return len(self._by_seq)

    def nearest(self, at: int) -> Snapshot | None:
        before = bisect_right(self._places, at)
        if before == 0:
            return None
        seq = self._places[before - 1]
        self._by_seq.move_to_end(seq)
        return self._by_seq[seq]

    def keep(self, snapshot: Snapshot) -> None:
        if snapshot.seq not in self._by_seq:
            insort(self._places, snapshot.seq)
        self._by_seq[snapshot.seq] = snapshot
        self._by_seq.move_to_end(snapshot.seq)
        if len(self._by_seq) > _OF_EACH_WORLD:
            self._places.remove(self._by_seq.popitem(last=False)[0])


_kept: Final[OrderedDict[int, _OfWorld]] = OrderedDict()
_lock: Final = Lock()


def find_recent(world_pk: int, *, at: int) -> Snapshot | None:
    """Give the last kept state at or before a place, if the journal still has its event."""
    with _lock:
        of_world = _kept.get(world_pk)
        found = None if of_world is None else of_world.nearest(at)
    if found is None:
        return None
    event = find_event(world_pk, found.seq)
    return found if event is not None and event.hash == found.event_hash else None


def keep_recent(world_pk: int, snapshot: Snapshot) -> None:
    """Keep a state, and let go of the ones that were asked for longest ago."""
    with _lock:
        _kept.setdefault(world_pk, _OfWorld()).keep(snapshot)
        _kept.move_to_end(world_pk)
        if len(_kept) > _WORLDS:
            _kept.popitem(last=False)


def count_recent() -> dict[int, int]:
    """Give how many states are kept of each world."""
    with _lock:
        return {world_pk: len(of_world) for world_pk, of_world in _kept.items()}


def forget_recent() -> None:
    """Let go of all of them."""
    with _lock:
        _kept.clear()
