"""Append events to a world's journal, and find a world's head.

SQL is written by hand here: the model path costs six times as much on the one path that every
decision takes (docs/adr/0005). Everything else of the service goes through the models.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lifecycle.codec.events import encode_event, hash_event, kind_of
from lifecycle.core.events import Recorded
from lifecycle.core.ids import DecisionId
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.journal.statements import Statement
from lifecycle.models.journal import JournalEvent, JournalHead

_HEAD_SQL: Final = """
    SELECT w.id, w.slug, w.origin_id, w.name, h.seq, h.hash, h.tick, w.fault_seq, w.fault_code
    FROM lifecycle_world w JOIN lifecycle_journalhead h ON h.world_id = w.id
    WHERE w.slug = %s
"""
_FIND_HEAD: Final = Statement(_HEAD_SQL)
# On SQLite the transaction itself is the lock: it is immediate.
_LOCK_HEAD: Final = Statement(_HEAD_SQL, locking="FOR UPDATE OF h")
_INSERT: Final = Statement("""
    INSERT INTO lifecycle_journalevent
        (world_id, seq, tick, kind, decision_id, recorded_at, prev_hash, hash, body)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
""")
_MOVE_HEAD: Final = Statement(
    "UPDATE lifecycle_journalhead SET seq = %s, hash = %s, tick = %s WHERE world_id = %s"
)


class Head(NamedTuple):
    """A world and the end of its journal: `seq` 0 and the genesis hash before the first event.

    `fault_code` and `fault_seq` are what the last check found wrong with it, where it did.
    """

    world_pk: int
    slug: str
    origin_id: str
    name: str
    seq: int
    hash: str
    tick: int
    fault_seq: int | None
    fault_code: str | None


class Appended(NamedTuple):
    """An event as it went into the journal."""

    recorded: Recorded
    hash: str


def find_head(slug: str) -> Head | None:
    """Give a world's head without locking it."""
    row = _FIND_HEAD.first([slug])
    return None if row is None else Head(*row)


def get_head(slug: str) -> Head:
    """Give a world's head without locking it.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: the world's head was taken away.
    """
    head = find_head(slug)
    if head is None:
        raise _no_head(slug)
    return head


def _no_head(slug: str) -> WorldNotFoundError | JournalBrokenError:
    """Say why a slug has no head: no such world, or a world whose head was taken away."""
    events = JournalEvent.objects.filter(world__slug=slug).order_by("-seq")
    last = events.values_list("seq", flat=True).first()
    if last is None:
        return WorldNotFoundError(slug)
    return JournalBrokenError(last, "head_mismatch", "the world's head is missing")


def lock_head(slug: str) -> Head:
    """Lock a world's head until the transaction ends; whoever appends holds it.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: the world's head was taken away.
    """
    row = _LOCK_HEAD.first([slug])
    if row is None:
        raise _no_head(slug)
    return Head(*row)


def create_head(world_pk: int, genesis_hash: str) -> None:
    """Give a new world the head of an empty journal."""
    JournalHead.objects.create(world_id=world_pk, seq=0, hash=genesis_hash, tick=0)


def append(head: Head, events: Sequence[Recorded]) -> tuple[Appended, ...]:
    """Append events at a locked head; their `seq` must follow it without a gap."""
    appended, rows = [], []
    prev_hash = head.hash
    for recorded in events:
        body = encode_event(recorded, prev_hash)
        digest = hash_event(body)
        rows.append(row_of(head.world_pk, recorded, prev_hash, digest, body))
        appended.append(Appended(recorded, digest))
        prev_hash = digest
    write_rows(head.world_pk, rows)
    return tuple(appended)


EventRow = tuple[int, int, int, str, DecisionId | None, str, str, str, str]


def row_of(world_pk: int, recorded: Recorded, prev_hash: str, digest: str, body: bytes) -> EventRow:
    """Give the columns of an event in the order of the insert."""
    return (
        world_pk,
        recorded.seq,
        recorded.tick,
        kind_of(recorded.event),
        recorded.decision_id,
        recorded.recorded_at,
        prev_hash,
        digest,
        body.decode(),
    )


def write_rows(world_pk: int, rows: Sequence[EventRow]) -> None:
    """Insert events and move the head to the last of them."""
    for row in rows:
        _INSERT.run(row)
    _, seq, tick, *_, digest, _ = rows[-1]
    _MOVE_HEAD.run((seq, digest, tick, world_pk))
