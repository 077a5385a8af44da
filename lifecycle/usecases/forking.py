"""Fork a world: a new one with the same past up to a place, every event checked on the way."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.db import transaction

from lifecycle.codec.events import GENESIS_HASH
from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.events import Recorded
from lifecycle.core.evolve import InvariantError, MeasureContent, evolve, initial
from lifecycle.core.named_content import content_named_by
from lifecycle.core.state import WorldState
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.reading import StoredEvent
from lifecycle.journal.store import EventRow, Head, row_of
from lifecycle.projections import decisions
from lifecycle.projections.project import project
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.verify import Progress, remembering
from lifecycle.usecases.worlds import add_empty_world, require_slug

_BATCH: Final = 500


class Forked(NamedTuple):
    """A world that was forked off."""

    world: str
    events: int
    head_hash: str
    state_digest: str


def fork_world(
    slug: str, *, at: int | None = None, as_slug: str, progress: Progress | None = None
) -> Forked:
    """Make a world whose journal is another's up to a place, byte for byte; or make nothing.

    What comes after that place is not read, so that a world whose journal is broken there has a
    way on (docs/adr/0010).

    Args:
        slug: The world that is forked; it stays as it is.
        at: The last event that both have; the head when absent.
        as_slug: The slug of the new world.
        progress: As in `verify_world`.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: an event up to the place is not what was once appended.
        InvalidParameterError: the place lies outside of the journal.
        WorldExistsError: there is a world with the new slug.
        MalformedIdError: the new slug is no id.
    """
    require_slug(as_slug)
    with transaction.atomic():
        source = journal.get_head(slug)
        last = source.seq if at is None else at
        if not 1 <= last <= source.seq:
            raise InvalidParameterError("at", {"minimum": 1, "maximum": source.seq})
        head = add_empty_world(as_slug, source.origin_id, source.name, imported=True)
        state, head_hash = _copy(source, head, last, progress)
    return Forked(as_slug, last, head_hash, state_digest(state))


def _copy(source: Head, head: Head, last: int, progress: Progress | None) -> tuple[WorldState, str]:
    state, prev_hash, rows = initial(), GENESIS_HASH, list[EventRow]()
    measure = remembering(content.measure)
    for recorded, stored in _events(source, last):
        state = _next_state(state, recorded, measure)
        rows.append(row_of(head.world_pk, recorded, prev_hash, stored.hash, stored.body))
        project(head.world_pk, recorded)
        decisions.restore(head.world_pk, recorded)
        prev_hash = stored.hash
        if len(rows) == _BATCH or recorded.seq == last:
            journal.write_rows(head.world_pk, rows)
            rows.clear()
            if progress is not None:
                progress(recorded.seq)
    return state, prev_hash


def _events(source: Head, last: int) -> Iterator[tuple[Recorded, StoredEvent]]:
    checked = reading.stream_checked(source.world_pk, to=last)
    stored = reading.stream_events(source.world_pk, to=last)
    seq = 0
    for recorded, event in zip(checked, stored, strict=True):
        seq = recorded.seq
        yield recorded, event
    if seq < last:
        raise JournalBrokenError(seq + 1, "missing", "the event is missing")


def _next_state(state: WorldState, recorded: Recorded, measure: MeasureContent) -> WorldState:
    try:
        following = evolve(state, recorded, measure)
    except InvariantError as error:
        raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
    if any(measure(digest) is None for digest in content_named_by(recorded.event)):
        raise JournalBrokenError(
            recorded.seq, "content_missing", "content that it names is missing or altered"
        )
    return following
