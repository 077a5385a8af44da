"""Who looks at which world. Every page of a world starts here; what it shows stands elsewhere."""

from typing import NamedTuple

from django.http import Http404, HttpRequest

from lifecycle.access.roles import find_world, may_act
from lifecycle.journal.store import Head, get_head


class Visit(NamedTuple):
    """A world that the account may see, its head now, and whether the account may act in it."""

    head: Head
    may_act: bool


def visit(request: HttpRequest, slug: str) -> Visit:
    """Give the world of an address.

    Raises:
        Http404: there is none, or it is not the account's; the two cannot be told apart.
    """
    world = find_world(request.user, slug)
    if world is None:
        raise Http404
    return Visit(get_head(world.slug), may_act(request.user, world))


def cursor_in(request: HttpRequest) -> int | None:
    """Give the cursor of a list's page.

    Raises:
        Http404: the cursor is none that this service wrote.
    """
    text = request.GET.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**63)) - 1:
        raise Http404
    return int(text)
