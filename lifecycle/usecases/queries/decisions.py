"""One decision of a world, found by its id. Submitting is `submit`'s; pages are `lineage`'s."""

from lifecycle.journal.store import get_head
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.documents import Document, decision_document
from lifecycle.usecases.records import find_record


def get_decision(slug: str, decision_id: str) -> Document:
    """Give a decision as it stands now.

    Raises:
        WorldNotFoundError: no such world.
        NotFoundError: the world has no decision with this id.
    """
    record = find_record(get_head(slug).world_pk, decision_id)
    if record is None:
        raise NotFoundError("decision_id", {"received": decision_id[:80]})
    return decision_document(slug, record)
