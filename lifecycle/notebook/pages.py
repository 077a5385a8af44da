"""The pages that only show. What submits a decision stands in `submitting`."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.notebook.visiting import place_in, visit
from lifecycle.usecases.queries.artifacts import (
    artifacts_page,
    with_toolchains,
)
from lifecycle.usecases.queries.decisions import find_decision_in_full
from lifecycle.usecases.queries.events import newest_events_page
from lifecycle.usecases.queries.lineage_search import find_key
from lifecycle.usecases.queries.modules import modules_page, with_flags
from lifecycle.usecases.queries.runs import turn_of_decision

_PAGE: Final = 20
_PAGE_OF_EVENTS: Final = 50


@login_required
@never_cache
@require_safe
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """List the journal, newest first."""
    visited = visit(request, slug)
    listing = newest_events_page(visited.world, before=place_in(request), limit=_PAGE_OF_EVENTS)
    return render(request, "notebook/events.html", {"head": visited.head, "listing": listing})


@login_required
@never_cache
@require_safe
def artifacts(request: HttpRequest, slug: str) -> HttpResponse:
    """List artifacts, newest first."""
    visited = visit(request, slug)
    page = artifacts_page(visited.world, before=place_in(request), limit=_PAGE)
    context = {"head": visited.head, "listing": with_toolchains(visited.world, page)}
    return render(request, "notebook/artifacts.html", context)


@login_required
@never_cache
@require_safe
def modules(request: HttpRequest, slug: str) -> HttpResponse:
    """List installed modules, newest first."""
    visited = visit(request, slug)
    page = modules_page(visited.world, before=place_in(request), limit=_PAGE)
    context = {"head": visited.head, "listing": with_flags(visited.world, page)}
    return render(request, "notebook/modules.html", context)


@login_required
@never_cache
@require_safe
def decision(request: HttpRequest, slug: str, decision_id: str) -> HttpResponse:
    """Show one decision with all that is known of it."""
    visited = visit(request, slug)
    page = find_decision_in_full(visited.world, decision_id)
    if page is None:
        raise Http404
    turn = turn_of_decision(visited.world, decision_id)
    lineage = find_key(visited.world, f"decision:{page.document['id']}")
    context = {"head": visited.head, "page": page, "turn": turn, "lineage": lineage}
    return render(request, "notebook/decision.html", context)
