"""Find a place of a world by what names it: leads to its page, and shows nothing itself."""

from http import HTTPStatus
from typing import Final, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.core.ids import beginning_of_hash, is_id
from lifecycle.notebook.visiting import Visit, is_decision_id, visit
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.cells import cursor_past
from lifecycle.usecases.queries.events import find_event, places_beginning
from lifecycle.usecases.queries.lineage import Key
from lifecycle.usecases.queries.lineage_search import artifacts_hinting, find_key, keys_beginning
from lifecycle.usecases.queries.worlds import find_agent

# A cell that is looked up stands amid its neighbours.
_FOLLOWING: Final = 9
_LONGEST_SEQ: Final = 18
_LONGEST: Final = 200
_HASH_DIGITS: Final = 64
_MOST_LISTED: Final = 20


@login_required
@never_cache
@require_safe
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to what a text names; where it may name several things, list them."""
    visited = visit(request, slug)
    text = request.GET.get("q", "").strip()[:_LONGEST]
    meant = [] if "\0" in text else _meant(visited, text)
    if len(meant) == 1:
        return HttpResponseRedirect(meant[0].address, status=HTTPStatus.SEE_OTHER)
    context = {
        "head": visited.head,
        "text": text,
        "meant": meant[:_MOST_LISTED],
        "has_more": len(meant) > _MOST_LISTED,
        "is_hash": beginning_of_hash(text) is not None,
    }
    status = HTTPStatus.NOT_FOUND if text and not meant else HTTPStatus.OK
    return render(request, "notebook/find.html", context, status=status)


class Meant(NamedTuple):
    """Something that a text may name, and where it is shown."""

    kind: str
    name: str
    address: str


def _meant(visited: Visit, text: str) -> list[Meant]:
    """Give what a text may name.

    Pages lead to events by number and to decisions by id: nothing that somebody named otherwise
    comes between.
    """
    certain = _address_of(visited, text)
    if certain is not None:
        return [Meant("", text, certain)]
    key = _key_named(visited, text)
    if key is not None:
        return [_of_key(visited, key)]
    return [*_named(visited, text), *_beginning(visited, text)]


def _address_of(visited: Visit, text: str) -> str | None:
    number = text.strip("[]# ")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_SEQ:
        return _address_of_event(visited, int(number))
    return _address_of_cell(visited, text.lower()) if is_decision_id(text) else None


def _key_named(visited: Visit, text: str) -> Key | None:
    """Give what a text names for sure: a whole hash, or a name after what it is a name of."""
    said = text.partition(":")[1] or len(beginning_of_hash(text) or "") == _HASH_DIGITS
    return find_key(visited.world, text) if said else None


def _named(visited: Visit, text: str) -> list[Meant]:
    """Give the agent and the module with this id, or what was published for such a module."""
    if not is_id(text):
        return []
    slug, found = visited.head.slug, []
    if find_agent(visited.world, text) is not None:
        found.append(Meant("agent", text, reverse("agent", args=[slug, text])))
    module = find_key(visited.world, f"module:{text}")
    if module is not None:
        return [*found, _of_key(visited, module)]
    hinting = artifacts_hinting(visited.world, text, limit=_MOST_LISTED + 1)
    return [*found, *(_of_key(visited, key) for key in hinting)]


def _beginning(visited: Visit, text: str) -> list[Meant]:
    """Give what has a hash that begins so."""
    limit = _MOST_LISTED + 1
    keys = keys_beginning(visited.world, text, limit=limit)
    events = (
        (seq, _address_of_event(visited, seq))
        for seq in places_beginning(visited.world, text, limit=limit)
    )
    return [
        *(_of_key(visited, key) for key in keys),
        *(Meant("event", str(seq), address) for seq, address in events if address is not None),
    ]


def _of_key(visited: Visit, key: Key) -> Meant:
    """Give a node of the lineage with its page: of an artifact its own, else its lineage."""
    slug = visited.head.slug
    if key.kind == "artifact":
        return Meant(key.kind, key.name, reverse("artifact", args=[slug, key.name]))
    around = urlencode({"around": str(key)})
    return Meant(key.kind, key.name, f"{reverse('lineage', args=[slug])}?{around}")


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
