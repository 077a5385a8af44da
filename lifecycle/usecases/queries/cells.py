"""The cells of a notebook: decisions in the order of the record, cut by key. No page is made here.

What leads to a cell and what came of it stands in `cell_links`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db.models import QuerySet

from lifecycle.access.callers import SeenWorld
from lifecycle.journal import reading
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.protocol.names import DECISION_NAMES
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.cell_links import (
    Links,
    links_of,
    published_what_was_bound_since,
)
from lifecycle.usecases.queries.decisions import STATUSES, documents_of
from lifecycle.usecases.queries.documents import Document

# Two conditions have no common index: so many cells are looked through, and then it is said.
WINDOW: Final = 5000
_MOST_EVENTS: Final = 200


class Wanted(NamedTuple):
    """Which cells are asked for; `None` stands for any."""

    agent_id: str | None = None
    status: str | None = None
    kind: str | None = None

    @property
    def is_all(self) -> bool:
        """Say whether no condition is set."""
        return not any(self)


class Cell(NamedTuple):
    """A decision's document, its place in the journal where it has one, and its links."""

    decision: Document
    seq: int | None
    links: Links


class CellPage(NamedTuple):
    """Some cells, oldest first.

    `earlier` is the cursor of those before, where there may be any. `looked_through` is set where
    not all of the record was: how many cells were, down to the cursor.
    """

    cells: list[Cell]
    earlier: str | None
    looked_through: int | None = None


class Changes(NamedTuple):
    """Cells that came since a page was drawn, oldest first, and those on it that changed."""

    new: list[Cell]
    changed: list[Cell]


def cells_before(
    world: SeenWorld,
    wanted: Wanted,
    *,
    before: str | None = None,
    oldest: str | None = None,
    limit: int,
) -> CellPage:
    """Give the last cells, or the last ones before `before`, back to `oldest`: ids of decisions.

    Raises:
        InvalidParameterError: an id is of no decision of this world, or a condition is none.
    """
    _require_known(wanted)
    rows = Decision.objects.filter(world_id=world.pk).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=_place_of(world, before))
    if oldest is not None:
        rows = rows.filter(pk__gte=_place_of(world, oldest))
    first, rest = _conditions(wanted)
    rows = rows.filter(**first)
    if not rest:
        return _page(world, list(rows[: limit + 1]), limit)
    window = rows.values("pk")[:WINDOW]
    found = Decision.objects.filter(pk__in=window, **rest).order_by("-id")
    page = _page(world, list(found[: limit + 1]), limit)
    last_seen = None if page.earlier else rows.values_list("decision_id", flat=True)[WINDOW - 1 :]
    end = None if last_seen is None else last_seen.first()
    return page if end is None else page._replace(earlier=end, looked_through=WINDOW)


def _require_known(wanted: Wanted) -> None:
    for field, value, known in (
        ("status", wanted.status, STATUSES),
        ("kind", wanted.kind, DECISION_NAMES),
    ):
        if value is not None and value not in known:
            facts = {"received": value[:80], "accepted": ", ".join(known)}
            raise InvalidParameterError(field, facts)


def _conditions(wanted: Wanted) -> tuple[dict[str, str], dict[str, str]]:
    """Give the condition that an index serves, and the others."""
    given = {key: value for key, value in wanted._asdict().items() if value is not None}
    served = next(iter(given), None)
    first = {served: given.pop(served)} if served else {}
    return first, given


def _place_of(world: SeenWorld, decision_id: str) -> int:
    rows = Decision.objects.filter(world_id=world.pk, decision_id=decision_id)
    place = rows.values_list("pk", flat=True).first()
    if place is None:
        facts = {"received": decision_id[:80], "accepted": "the id of a decision of this world"}
        raise InvalidParameterError("before", facts)
    return place


def _page(world: SeenWorld, found: list[Decision], limit: int) -> CellPage:
    shown = found[:limit]
    earlier = shown[-1].decision_id if len(found) > limit else None
    return CellPage(_cells(world, shown[::-1]), earlier)


class Shown(NamedTuple):
    """What a page shows: all cells from `oldest` to `newest`, as they were after event `seq`."""

    seq: int
    oldest: str | None
    newest: str | None


def cells_since(world: SeenWorld, shown: Shown, *, limit: int) -> Changes | None:
    """Give what changed for a page since it was drawn.

    Returns:
        The changes, or `None` where they are so many that the page is better drawn anew.

    Raises:
        InvalidParameterError: the page names a decision that this world does not have.
    """
    last = 0 if shown.newest is None else _place_of(world, shown.newest)
    first = last + 1 if shown.oldest is None else _place_of(world, shown.oldest)
    new = list(_rows_after(world, last)[: limit + 1])
    events = reading.read_events(world.pk, after=shown.seq, limit=_MOST_EVENTS + 1)
    if len(new) > limit or len(events) > _MOST_EVENTS:
        return None
    on_page = Decision.objects.filter(world_id=world.pk, pk__range=(first, last))
    ended = on_page.filter(decision_id__in=reading.decisions_named_by(events))
    # Those still compiling are drawn again too: how far they are is no event.
    compiling = on_page.filter(status=DecisionStatus.COMPILING)
    touched = published_what_was_bound_since(world, shown.seq)
    relinked = [] if touched is None else list(on_page.filter(touched)[: _MOST_EVENTS + 1])
    if len(relinked) > _MOST_EVENTS:
        return None
    changed = {row.pk: row for rows in (ended, compiling, relinked) for row in rows}
    cells = _cells(world, [*new, *changed.values()])
    return Changes(cells[: len(new)], cells[len(new) :])


def _rows_after(world: SeenWorld, place: int) -> "QuerySet[Decision]":
    return Decision.objects.filter(world_id=world.pk, pk__gt=place).order_by("id")


def cursor_past(world: SeenWorld, decision_id: str, *, following: int) -> str | None:
    """Give the cursor of a page that ends some cells past a decision; `None` for the last page.

    Raises:
        InvalidParameterError: it is no decision of this world.
    """
    rows = _rows_after(world, _place_of(world, decision_id))
    return rows.values_list("decision_id", flat=True)[following:].first()


def _cells(world: SeenWorld, rows: Iterable[Decision]) -> list[Cell]:
    listed = list(rows)
    documents = documents_of(world, listed)
    links = links_of(world, documents)
    return [
        Cell(document, row.first_seq, links[document["id"]])
        for row, document in zip(listed, documents, strict=True)
    ]
