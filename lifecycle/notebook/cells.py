"""The notebook of a world: its last cells, those before, what changed since.

What submits a decision stands in `submitting`, what the panels beside the cells hold in `panels`.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.access.callers import find_seen_world
from lifecycle.core.ids import is_id
from lifecycle.notebook.drawn_once import Draw, DrawnOnce
from lifecycle.notebook.panels import live_panels
from lifecycle.notebook.visiting import Visit, is_decision_id, visit, visit_seen
from lifecycle.protocol.names import DECISION_NAMES
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.cells import (
    CellPage,
    Shown,
    Wanted,
    cells_before,
    cells_since,
)
from lifecycle.usecases.queries.decisions import STATUSES, find_decision_in_full
from lifecycle.usecases.queries.live import live_version, seq_shown_by

_DRAWN: Final = DrawnOnce()
_PAGE: Final = 20
_MOST_NEW: Final = 50
_MOST_REDRAWN: Final = 100


class Asked(NamedTuple):
    """What a page's address asks for: which cells, and before which one."""

    wanted: Wanted
    before: str | None
    query: str

    @property
    def is_live(self) -> bool:
        """Say whether the newest cells are on the page, so that new ones follow them."""
        return self.before is None


def asked_by(query: QueryDict) -> Asked:
    """Read the conditions and the cursor of an address.

    Raises:
        Http404: one of them can be none that this service wrote.
    """
    given = {name: query.get(name) or None for name in ("agent", "status", "kind")}
    if given["agent"] is not None and not is_id(given["agent"]):
        raise Http404
    wanted = Wanted(given["agent"], given["status"], given["kind"])
    conditions = urlencode({name: value for name, value in given.items() if value})
    return Asked(wanted, _decision_id_in(query, "before"), conditions)


def _decision_id_in(query: QueryDict, name: str) -> str | None:
    text = query.get(name)
    if not text:
        return None
    if not is_decision_id(text):
        raise Http404
    return text


def world_context(request: HttpRequest, visited: Visit, version: str) -> dict[str, Any]:
    """Give what the page of a world shows, but for the composer.

    `version` is older than what is read here, so that a change in between is shown by the next
    refresh at the latest.
    """
    asked = asked_by(request.GET)
    page = _cells_or_404(visited, asked, limit=_PAGE)
    return {
        **live_panels(visited, version),
        **_cells_context(visited, asked, page),
        "statuses": STATUSES,
        "kinds": DECISION_NAMES,
    }


def _cells_context(visited: Visit, asked: Asked, page: CellPage) -> dict[str, Any]:
    ids = [cell.decision["id"] for cell in page.cells]
    return {
        "head": visited.head,
        "may_act": visited.may_act,
        "page": page,
        "asked": asked,
        "oldest": ids[0] if ids else "",
        "newest": ids[-1] if ids else "",
    }


def _cells_or_404(visited: Visit, asked: Asked, **cut: Any) -> CellPage:  # noqa: ANN401 - those of `cells_before`
    try:
        return cells_before(visited.world, asked.wanted, before=asked.before, **cut)
    except InvalidParameterError as error:
        raise Http404 from error


@login_required
@never_cache
@require_safe
def cells(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the cells before one, to be put above it."""
    visited, asked = visit(request, slug), asked_by(request.GET)
    page = _cells_or_404(visited, asked, limit=_PAGE)
    context = {**_cells_context(visited, asked, page), "oob": True}
    return render(request, "notebook/_earlier_cells.html", context)


@login_required
@never_cache
@require_safe
def asked_in_full(request: HttpRequest, slug: str, decision_id: str) -> HttpResponse:
    """Give what a decision asked for, whole, to be put into its cell."""
    visited = visit(request, slug)
    page = find_decision_in_full(visited.world, decision_id)
    if page is None:
        raise Http404
    return render(request, "notebook/_asked.html", {"head": visited.head, "page": page})


@never_cache
@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Give what changed on a world's page: 204 where nothing did since the version that is shown.

    The answer holds parts that replace those of the page by their ids. The page tells in `v` its
    version, in `oldest` and `newest` which cells it shows, and the conditions of its address.
    """
    if not request.user.is_authenticated:
        # A redirect would be followed unseen, and its page put into this one.
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    world = find_seen_world(request.user, slug)
    if world is None:
        raise Http404
    version = live_version(world)
    if request.GET.get("v") == version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    visited = visit_seen(request, world)
    parts = _once(visited, version, "live", request.GET.urlencode())
    return HttpResponse(parts(lambda: _draw_live(request.GET, visited, version)))


# What is the same for all who may do the same is drawn once for all of them: it is drawn without
# the request, so that nothing of a visitor's own can come into it.
def _once(visited: Visit, version: str, *which: str) -> Callable[[Draw], SafeString]:
    key = (visited.head.slug, visited.head.hash, version, visited.may_act, *which)
    return partial(_DRAWN.get, key)


def _draw_live(query: QueryDict, visited: Visit, version: str) -> SafeString:
    beside = _once(visited, version, "beside")(lambda: _draw_beside(visited, version))
    context = {**_changes(query, visited), "version": version, "oob": True, "beside": beside}
    return render_to_string("notebook/_live.html", context)


def _draw_beside(visited: Visit, version: str) -> SafeString:
    context = {**live_panels(visited, version), "may_act": visited.may_act, "oob": True}
    return render_to_string("notebook/_beside.html", context)


def _changes(query: QueryDict, visited: Visit) -> dict[str, Any]:
    asked = asked_by(query)
    oldest, newest = (_decision_id_in(query, name) for name in ("oldest", "newest"))
    context = {
        **_cells_context(visited, asked, CellPage([], None)),
        "oldest": oldest or "",
        "newest": newest or "",
    }
    if not asked.is_live:
        return context
    seq = seq_shown_by(query.get("v", ""))
    if seq is not None and asked.wanted.is_all:
        changes = _since(visited, Shown(seq, oldest, newest))
        if changes is not None:
            return {**context, **changes}
    return _drawn_anew(visited, asked, oldest)


def _since(visited: Visit, shown: Shown) -> dict[str, Any] | None:
    try:
        changes = cells_since(visited.world, shown, limit=_MOST_NEW)
    except InvalidParameterError as error:
        raise Http404 from error
    if changes is None:
        return None
    ids = [cell.decision["id"] for cell in changes.new]
    return {
        "changes": changes,
        "oldest": shown.oldest or (ids[0] if ids else ""),
        "newest": ids[-1] if ids else shown.newest or "",
    }


def _drawn_anew(visited: Visit, asked: Asked, oldest: str | None) -> dict[str, Any]:
    if asked.wanted.is_all or oldest is None:
        page = _cells_or_404(visited, asked, limit=_PAGE)
    else:
        # What the reader has loaded stays: the page is drawn back to its oldest cell.
        page = _cells_or_404(visited, asked, oldest=oldest, limit=_MOST_REDRAWN)
        page = page._replace(earlier=page.earlier or oldest)
    return {**_cells_context(visited, asked, page), "redrawn": True}
