"""Who looks at which world. Every page of a world starts here; what it shows stands elsewhere."""

import re
from typing import Final, NamedTuple

from django.http import Http404, HttpRequest

from lifecycle.access.callers import SeenWorld, find_seen_world, may_submit
from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.journal.store import Head, get_head

_DECISION_ID: Final = re.compile(r"[0-9A-Za-z-]{1,36}")


class Visit(NamedTuple):
    """A world that the account may see, its head now, and whether the account may act in it."""

    world: SeenWorld
    head: Head
    may_act: bool


def visit(request: HttpRequest, slug: str) -> Visit:
    """Give the world of an address.

    Raises:
        Http404: there is none, or it is not the account's; the two cannot be told apart.
    """
    world = find_seen_world(request.user, slug)
    if world is None:
        raise Http404
    return visit_seen(request, world)


def visit_seen(request: HttpRequest, world: SeenWorld) -> Visit:
    """Give a world that was found already."""
    return Visit(world, get_head(world.slug), may_submit(request.user, world))


def hash_in(text: str) -> str:
    """Give the hash of an address, in any accepted spelling.

    Raises:
        Http404: it is none.
    """
    try:
        return normalise_hash(text)
    except HashFormatError as error:
        raise Http404 from error


def place_in(request: HttpRequest) -> int | None:
    """Give the cursor of a list whose rows have places in the journal.

    Raises:
        Http404: the cursor is none that this service wrote.
    """
    text = cursor_in(request)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**63)) - 1:
        raise Http404
    return int(text)


def cursor_in(request: HttpRequest) -> str | None:
    """Give the cursor of a list's page, as it came.

    Raises:
        Http404: the cursor is none that this service wrote.
    """
    text = request.GET.get("before")
    # No stored text holds U+0000, and PostgreSQL takes none either.
    if text is not None and "\0" in text:
        raise Http404
    return text


def is_decision_id(text: str) -> bool:
    """Say whether a text may be the id of a decision; what may not is asked of no database."""
    return _DECISION_ID.fullmatch(text) is not None
