"""Recorded decisions, found by id and listed newest first. Writing them is `submit`'s."""

from collections.abc import Iterable

from lifecycle.access.callers import SeenWorld
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.browse import Page, page_of
from lifecycle.usecases.queries.documents import Document, decision_document

STATUSES = tuple(status.value for status in DecisionStatus)


def decisions_page(
    world: SeenWorld, *, agent_id: str | None, status: str | None, before: str | None, limit: int
) -> Page:
    """Give a world's decisions, newest first, past the one with the id `before`.

    Raises:
        InvalidParameterError: `before` is no decision of this world, or `status` no status.
    """
    rows = Decision.objects.filter(world_id=world.pk).order_by("-id")
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    if status is not None:
        if status not in STATUSES:
            facts = {"received": status, "accepted": ", ".join(STATUSES)}
            raise InvalidParameterError("status", facts)
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=_place_of(world, before))
    return page_of(
        rows[: limit + 1],
        limit,
        lambda row: decision_document(world.slug, row),
        lambda row: row.decision_id,
    )


def _place_of(world: SeenWorld, decision_id: str) -> int:
    found = Decision.objects.filter(world_id=world.pk, decision_id=decision_id)
    place = found.values_list("pk", flat=True).first()
    if place is None:
        facts = {"received": decision_id, "accepted": "the id of a decision of this world"}
        raise InvalidParameterError("before", facts)
    return place


def find_decision(worlds: Iterable[SeenWorld], decision_id: str) -> Document | None:
    """Give a decision by its id from the worlds that the caller sees.

    A copy of a world holds the same ids as its origin; the first recorded one is given.
    """
    slugs = {world.pk: world.slug for world in worlds}
    rows = Decision.objects.filter(decision_id=decision_id).order_by("pk")
    row = next((row for row in rows if row.world_id in slugs), None)
    return None if row is None else decision_document(slugs[row.world_id], row)
