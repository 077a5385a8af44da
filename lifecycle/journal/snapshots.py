"""Cached states along a journal, so that looking back costs a short replay. All are disposable."""

import zlib
from typing import Final, NamedTuple

import msgspec

from lifecycle.codec.state import decode_state, encode_state
from lifecycle.core.state import WorldState
from lifecycle.journal.reading import find_event
from lifecycle.models.journal import StateSnapshot

# Raised with every change of the state's form; snapshots of another form are ignored.
STATE_SCHEMA: Final = 1
SPACING: Final = 10_000


class Snapshot(NamedTuple):
    """The state after the event at `seq`, whose hash is `event_hash`."""

    seq: int
    event_hash: str
    state: WorldState


def find_snapshot(world_pk: int, *, at: int) -> Snapshot | None:
    """Give the last usable snapshot at or before a place.

    One that was written in another form, or for another chain, or that cannot be read, counts as
    absent: the replay from the start gives the same state.
    """
    rows = StateSnapshot.objects.filter(world_id=world_pk, seq__lte=at, schema=STATE_SCHEMA)
    row = rows.order_by("-seq").first()
    if row is None:
        return None
    event = find_event(world_pk, row.seq)
    if event is None or event.hash != row.event_hash:
        return None
    try:
        state = decode_state(zlib.decompress(bytes(row.compressed)))
    except (zlib.error, msgspec.MsgspecError):
        return None
    return Snapshot(row.seq, row.event_hash, state)


def save_snapshot(world_pk: int, snapshot: Snapshot) -> None:
    """Keep a state, over an unusable one at the same place."""
    StateSnapshot.objects.update_or_create(
        world_id=world_pk,
        seq=snapshot.seq,
        defaults={
            "event_hash": snapshot.event_hash,
            "schema": STATE_SCHEMA,
            "compressed": zlib.compress(encode_state(snapshot.state)),
        },
    )
