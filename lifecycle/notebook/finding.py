"""Find a place of a world by what names it: leads to its page, and shows nothing itself."""

from http import HTTPStatus
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.notebook.visiting import Visit, is_decision_id, visit
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.cells import cursor_past
from lifecycle.usecases.queries.events import find_event
from lifecycle.usecases.queries.lineage_search import find_key

# A cell that is looked up stands amid its neighbours.
_FOLLOWING: Final = 9
_LONGEST_SEQ: Final = 18


@login_required
@never_cache
@require_safe
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to what a text names: an event's number, a decision's id, an artifact's hash."""
    visited = visit(request, slug)
    text = request.GET.get("q", "").strip()
    address = _address_of(visited, text)
    if address is not None:
        return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    context = {"head": visited.head, "text": text[:200], "is_hash": _hash_in(text) is not None}
    status = HTTPStatus.NOT_FOUND if text else HTTPStatus.OK
    return render(request, "notebook/find.html", context, status=status)


def _address_of(visited: Visit, text: str) -> str | None:
    number = text.strip("[]# ")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_SEQ:
        return _address_of_event(visited, int(number))
    if is_decision_id(text):
        return _address_of_cell(visited, text.lower())
    digest = _hash_in(text)
    return None if digest is None else _address_of_hash(visited, digest)


def _hash_in(text: str) -> str | None:
    try:
        return normalise_hash(text)
    except HashFormatError:
        return None


def _address_of_hash(visited: Visit, digest: str) -> str | None:
    """Give the page of an artifact; what is known of sources is their lineage."""
    key = find_key(visited.world, digest)
    if key is None:
        return None
    if key.kind == "artifact":
        return reverse("artifact", args=[visited.head.slug, digest])
    return f"{reverse('lineage', args=[visited.head.slug])}?{urlencode({'around': str(key)})}"


def _address_of_event(visited: Visit, seq: int) -> str | None:
    event = find_event(visited.world, seq)
    if event is None:
        return None
    found = None
    if event["decision_id"] is not None:
        found = _address_of_cell(visited, event["decision_id"])
    events = reverse("events", args=[visited.head.slug])
    return found or f"{events}?before={seq + 1}#event-{seq}"


def _address_of_cell(visited: Visit, decision_id: str) -> str | None:
    try:
        before = cursor_past(visited.world, decision_id, following=_FOLLOWING)
    except InvalidParameterError:
        return None
    query = "" if before is None else f"?{urlencode({'before': before})}"
    return f"{reverse('world', args=[visited.head.slug])}{query}#cell-{decision_id}"
