"""A world's agents, their tokens and its places: all see them, a maintainer adds and changes them.

A token is shown in the answer to the form that makes it, and nowhere else.
"""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lifecycle.access.callers import may_maintain
from lifecycle.notebook.maintaining import by, maintained, refusal_of, status_of
from lifecycle.notebook.visiting import Visit, cursor_in, visit
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.teams import members_of
from lifecycle.usecases.queries.tokens import live_counts, tokens_of
from lifecycle.usecases.queries.worlds import agents_page, find_agent, locations_page
from lifecycle.usecases.tokens import MOST_HOURS, add_token, replace_tokens, revoke_token
from lifecycle.usecases.worlds import add_agent, add_location

_PAGE: Final = 50
# From so many on, the template asks for the id instead of listing them.
_MOST_LOCATIONS: Final = 200


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agents(request: HttpRequest, slug: str) -> HttpResponse:
    """List a world's agents; add one, and show its token."""
    if request.method != "POST":
        return _list(request, visit(request, slug), {})
    visited = maintained(request, slug)
    form = {name: request.POST.get(name, "").strip() for name in ("agent_id", "location_id")}
    made: list[str] = []
    place, account = form["location_id"] or None, request.user.get_username()
    refused = refusal_of(
        lambda: made.append(
            add_agent(slug, form["agent_id"], at=place, account=account, channel="notebook")
        )
    )
    if refused is not None:
        return _list(request, visited, {"rejection": refused, "form": form})
    # Read again: the agent has moved the head.
    return _list(request, visit(request, slug), {"token": made[0], "added": form["agent_id"]})


@login_required
@never_cache
@require_POST
def places(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a place."""
    visited = maintained(request, slug)
    place, account = request.POST.get("location_id", "").strip(), request.user.get_username()
    refused = refusal_of(lambda: add_location(slug, place, account=account, channel="notebook"))
    if refused is not None:
        return _list(request, visited, {"place_rejection": refused, "place": place})
    messages.success(request, f"The place {place} is here.")
    return HttpResponseRedirect(
        f"{reverse('agents', args=[slug])}#places-title", status=HTTPStatus.SEE_OTHER
    )


def _list(request: HttpRequest, visited: Visit, answer: Document) -> HttpResponse:
    listing = agents_page(visited.world, after=cursor_in(request), limit=_PAGE)
    counts = live_counts(visited.world, [agent["agent_id"] for agent in listing.rows])
    known = locations_page(visited.world, limit=_MOST_LOCATIONS)
    context: dict[str, Any] = {
        "head": visited.head,
        "agents": [{**row, "tokens": counts[row["agent_id"]]} for row in listing.rows],
        "next": listing.next,
        "locations": [place["location_id"] for place in known.rows],
        "more_locations": known.next is not None,
        "most_locations": _MOST_LOCATIONS,
        "may_change": may_maintain(request.user, visited.world),
        **answer,
    }
    return render(request, "notebook/agents.html", context, status=_status_of(answer))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agent(request: HttpRequest, slug: str, agent_id: str) -> HttpResponse:
    """Show an agent with its tokens; make, replace or revoke one."""
    visited = visit(request, slug)
    shown = None if "\0" in agent_id else find_agent(visited.world, agent_id)
    if shown is None:
        raise Http404
    if request.method != "POST":
        return _agent_page(request, visited, shown, {})
    if not may_maintain(request.user, visited.world):
        raise PermissionDenied
    if "revoke" in request.POST:
        return _revoke(request, visited, shown)
    made: list[str] = []
    refused = refusal_of(lambda: made.append(_make(request, visited, agent_id)))
    answer = {"token": made[0]} if refused is None else {"rejection": refused}
    return _agent_page(request, visited, shown, answer)


def _make(request: HttpRequest, visited: Visit, agent_id: str) -> str:
    if "replace" not in request.POST:
        return add_token(visited.world, agent_id, by(request)).token
    hours = request.POST.get("hours", "")
    return replace_tokens(visited.world, agent_id, by(request), hours=hours).token


def _revoke(request: HttpRequest, visited: Visit, shown: Document) -> HttpResponse:
    agent_id, number = shown["agent_id"], request.POST["revoke"]
    known = {str(token["token_id"]): token for token in tokens_of(visited.world, agent_id)}
    if number not in known:
        raise Http404
    revoke_token(visited.world, agent_id, known[number]["token_id"], by(request))
    messages.success(request, f"The token {known[number]['prefix']}… is revoked.")
    address = reverse("agent", args=[visited.world.slug, agent_id])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _agent_page(
    request: HttpRequest, visited: Visit, shown: Document, answer: Document
) -> HttpResponse:
    operators = [member for member in members_of(visited.world) if member["role"] == "operator"]
    agent_id = shown["agent_id"]
    context = {
        "head": visited.head,
        "agent": shown,
        "tokens": tokens_of(visited.world, agent_id),
        "operators": [
            member["account"]
            for member in operators
            if member["acts_for"] is None or agent_id in member["acts_for"]
        ],
        "most_hours": MOST_HOURS,
        "may_change": may_maintain(request.user, visited.world),
        **answer,
    }
    return render(request, "notebook/agent.html", context, status=_status_of(answer))


def _status_of(answer: Document) -> HTTPStatus:
    return status_of(answer.get("rejection") or answer.get("place_rejection"))
