"""The page of a world as of any of its events. It only shows; the replay stands in `usecases`."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.journal.errors import JournalBrokenError
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.check_jobs import checked_after_fault
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.past import Past, past_at, place_of


@login_required
@never_cache
@require_safe
def past(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world as of the event that `seq` names, as a page or as the part that changes."""
    visited = visit(request, slug)
    try:
        with checked_after_fault(slug):
            found = past_at(visited.world, place_of(request.GET.get("seq"), visited.head.seq))
    except InvalidParameterError as error:
        context = {"refusal": error.facts, "seq": visited.head.seq}
        return _answer(request, visited, context, HTTPStatus.BAD_REQUEST)
    except JournalBrokenError as error:
        context = {"broken": error, "whole_to": error.seq - 1, "seq": visited.head.seq}
        return _answer(request, visited, context, HTTPStatus.CONFLICT)
    return _answer(request, visited, _context_of(found), HTTPStatus.OK)


def _context_of(found: Past) -> dict[str, Any]:
    return {
        "past": found,
        "seq": found.seq,
        "before": found.seq - 1,
        "after": found.seq + 1 if found.seq < found.head_seq else 0,
    }


def _answer(
    request: HttpRequest, visited: Visit, context: dict[str, Any], status: HTTPStatus
) -> HttpResponse:
    # A page that is left and come back to is asked for by htmx, too, and wanted whole.
    partial = "HX-Request" in request.headers and (
        "HX-History-Restore-Request" not in request.headers
    )
    template = "notebook/_past.html" if partial else "notebook/past.html"
    context = {"head": visited.head, "partial": partial, **context}
    response = render(request, template, context, status=status)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
