"""Events of a world's journal: from the first on, from the newest back, and at given places."""

from collections import defaultdict
from collections.abc import Iterable

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import beginning_of_hash
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.usecases.queries.documents import Document, event_document
from lifecycle.usecases.queries.pages import Page, page_of


def head_seq(world: SeenWorld) -> int:
    """Give the place of a world's last event.

    Raises:
        WorldNotFoundError: the world is gone.
    """
    return journal.get_head(world.slug).seq


def events_page(world: SeenWorld, *, after: int, limit: int) -> Page[Document]:
    """Give events in the order of the journal."""
    events = reading.read_events(world.pk, after=after, limit=limit + 1)
    return page_of(events, limit, lambda event: event.seq).map(event_document)


def newest_events_page(
    world: SeenWorld, *, before: int | None = None, limit: int
) -> Page[Document]:
    """Give events, newest first."""
    events = reading.read_newest_events(world.pk, before=before, limit=limit + 1)
    return page_of(events, limit, lambda event: event.seq).map(event_document)


def find_event(world: SeenWorld, seq: int) -> Document | None:
    """Give the event at a place."""
    event = reading.find_event(world.pk, seq)
    return None if event is None else event_document(event)


def places_beginning(world: SeenWorld, text: str, *, limit: int) -> list[int]:
    """Give the places of events whose hash begins as a text does."""
    beginning = beginning_of_hash(text)
    return [] if beginning is None else reading.find_by_hash(world.pk, beginning, limit=limit)


def events_at(world: SeenWorld, seqs: Iterable[int]) -> defaultdict[int, Document]:
    """Give the events at some places by one query.

    A place whose event is gone gives an empty document, so that what depends on it is still
    shown; `verify` names the place.
    """
    events: defaultdict[int, Document] = defaultdict(dict)
    for seq, stored in reading.read_events_at(world.pk, seqs).items():
        events[seq] = event_document(stored)
    return events
