"""Read a journal: pages for people and agents, the checked stream for replay."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import orjson
from django.db import OperationalError, connection
from django.db.models import QuerySet

from lifecycle.codec.canonical import LARGEST_INTEGER
from lifecycle.codec.events import (
    GENESIS_HASH,
    KINDS,
    EventFormatError,
    decode_event,
    hash_event,
)
from lifecycle.core.events import ModuleArtifactDeployed, Recorded
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.statements import Statement
from lifecycle.models.journal import JournalEvent, JournalHead

_CHUNK: Final = 2000
_CHECKED: Final = Statement("""
    SELECT seq, hash, body, prev_hash, tick, kind, decision_id, recorded_at
    FROM lifecycle_journalevent WHERE world_id = %s AND seq > %s AND seq <= %s
    ORDER BY seq LIMIT %s
""")


class StoredEvent(NamedTuple):
    """An event's hash and its canonical bytes."""

    seq: int
    hash: str
    body: bytes


def decisions_named_by(events: Iterable[StoredEvent]) -> set[str]:
    """Give the ids of the decisions that some events belong to; what is no event names none."""
    return {named for event in events if (named := _decision_named_by(event)) is not None}


def _decision_named_by(event: StoredEvent) -> str | None:
    try:
        named = orjson.loads(event.body)["decision_id"]
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return None
    return named if isinstance(named, str) else None


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Let all reads inside see the database as of one moment, without blocking writers."""
    if connection.in_atomic_block:
        yield
        return
    begin = (
        "BEGIN"
        if connection.vendor == "sqlite"
        else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _events(world_pk: int, after: int, to: int | None) -> "QuerySet[JournalEvent]":
    events = JournalEvent.objects.filter(world_id=world_pk, seq__gt=after).order_by("seq")
    return events if to is None else events.filter(seq__lte=to)


def read_events(world_pk: int, *, after: int = 0, limit: int = 100) -> list[StoredEvent]:
    """Give at most `limit` events past `after`, in order, as stored."""
    rows = _events(world_pk, after, None).values_list("seq", "hash", "body")[:limit]
    return [StoredEvent(seq, digest, body.encode()) for seq, digest, body in rows]


def read_newest_events(
    world_pk: int, *, before: int | None = None, limit: int = 100
) -> list[StoredEvent]:
    """Give the last events, or the last ones before a place, newest first."""
    rows = JournalEvent.objects.filter(world_id=world_pk).order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return [
        StoredEvent(seq, digest, body.encode())
        for seq, digest, body in rows.values_list("seq", "hash", "body")[:limit]
    ]


def read_events_at(world_pk: int, seqs: Iterable[int]) -> dict[int, StoredEvent]:
    """Give the events at some places, by one query; a place without an event is left out."""
    rows = JournalEvent.objects.filter(world_id=world_pk, seq__in=list(seqs))
    return {
        seq: StoredEvent(seq, digest, body.encode())
        for seq, digest, body in rows.values_list("seq", "hash", "body")
    }


def places_of_deployments(world_pk: int, wasm_hash: str) -> list[int]:
    """Give the places of the events that deploy an artifact, by reading all that deploy any."""
    rows = JournalEvent.objects.filter(
        world_id=world_pk, kind=KINDS[ModuleArtifactDeployed], body__contains=wasm_hash
    )
    return list(rows.order_by("seq").values_list("seq", flat=True))


def find_event(world_pk: int, seq: int) -> StoredEvent | None:
    """Give the event at a place."""
    found = read_events(world_pk, after=seq - 1, limit=1)
    return found[0] if found and found[0].seq == seq else None


def stream_events(world_pk: int, *, after: int = 0, to: int | None = None) -> Iterator[StoredEvent]:
    """Give events in order, as stored and unchecked, in constant memory."""
    # By pages and not by a cursor of the server, which a reader that stops early would leave open.
    while rows := list(_events(world_pk, after, to).values_list("seq", "hash", "body")[:_CHUNK]):
        for seq, digest, body in rows:
            yield StoredEvent(seq, digest, body.encode())
        after = rows[-1][0]


def stream_checked(
    world_pk: int, *, after: int = 0, after_hash: str = GENESIS_HASH, to: int | None = None
) -> Iterator[Recorded]:
    """Give events in order, each with its bytes, its place in the chain and its columns checked.

    Args:
        world_pk: The world.
        after: Start past this place, whose hash is `after_hash`.
        after_hash: The hash that the first event must follow.
        to: Stop at this place.

    Raises:
        JournalBrokenError: at the first event that is not what was once appended.
    """
    expected, prev_hash = after + 1, after_hash
    for rows in _chunks(world_pk, after, to):
        for row in rows:
            if row[0] != expected:
                raise JournalBrokenError(expected, "missing", "the event is missing")
            yield _check(row, prev_hash)
            expected, prev_hash = expected + 1, row[1]


def _chunks(world_pk: int, after: int, to: int | None) -> Iterator[list[tuple[Any, ...]]]:
    """Give rows in lists, each by a look-up of its own: constant memory on every database."""
    last = LARGEST_INTEGER if to is None else to
    while rows := _chunk((world_pk, after, last, _CHUNK)):
        yield rows
        after = rows[-1][0]


def _chunk(values: tuple[int, int, int, int]) -> list[tuple[Any, ...]]:
    try:
        return _CHECKED.all(values)
    except OperationalError:
        if connection.vendor != "sqlite":
            raise
    # SQLite hands out text that is no UTF-8 only on request, and fails without saying where.
    connection.connection.text_factory = _text_of
    try:
        return _CHECKED.all(values)
    finally:
        connection.connection.text_factory = str


def _text_of(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _check(row: tuple[Any, ...], prev_hash: str) -> Recorded:
    seq, digest, text, _, _, kind, _, _ = row
    # A blob in the place of the text is no body, whatever it holds.
    body = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""
    if hash_event(body) != digest:
        raise JournalBrokenError(seq, "hash_mismatch", "its bytes do not have its hash")
    try:
        recorded, follows, stored_kind = decode_event(body, kind)
    except EventFormatError as error:
        raise JournalBrokenError(seq, "unreadable", "its bytes are not an event") from error
    if follows != prev_hash:
        raise JournalBrokenError(
            seq, "prev_hash_mismatch", "it does not follow the event before it"
        )
    columns = (
        *(recorded.seq, digest, text, follows, recorded.tick, stored_kind),
        *(recorded.decision_id, recorded.recorded_at),
    )
    if row != columns:
        raise JournalBrokenError(seq, "column_mismatch", "a column differs from its bytes")
    return recorded


def find_by_hash(world_pk: int, beginning: str, *, limit: int) -> list[int]:
    """Give the places of the events whose hash begins with some digits, in their order.

    An index knows what follows a hash, and the head is followed by nothing.
    """
    followers = JournalEvent.objects.filter(
        world_id=world_pk, prev_hash__gte=beginning, prev_hash__lt=f"{beginning}g", seq__gt=1
    )
    seqs = [seq - 1 for seq in followers.values_list("seq", flat=True)[:limit]]
    heads = JournalHead.objects.filter(world_id=world_pk, hash__startswith=beginning, seq__gt=0)
    return sorted([*seqs, *heads.values_list("seq", flat=True)])[:limit]
