"""The picture of a lineage, and the same as a list. What hangs together is found by queries."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.notebook.drawing import HEIGHT, WIDTH, draw, nest
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.queries.lineage import Key, lineage_around, newest_key
from lifecycle.usecases.queries.lineage_search import find_key, keys_beginning

_DEPTHS: Final = (1, 2, 3, 4, 5, 6)
_FANS: Final = (3, 6, 12, 24)
_DEPTH: Final = 4
_FAN: Final = 6
_LONGEST: Final = 200
_MOST_MEANT: Final = 20


@login_required
@never_cache
@require_safe
def lineage(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what hangs together around what `around` names, or around the newest artifact."""
    visited = visit(request, slug)
    around = request.GET.get("around", "").strip()[:_LONGEST].replace("\0", "")
    meant = _meant(visited, around)
    key = meant[0] if len(meant) == 1 else None
    context = {
        "head": visited.head,
        "around": around,
        "meant": meant[:_MOST_MEANT],
        "has_more": len(meant) > _MOST_MEANT,
        "depth": _chosen(request.GET.get("depth"), _DEPTHS, _DEPTH),
        "fan": _chosen(request.GET.get("fan"), _FANS, _FAN),
        "depths": _DEPTHS,
        "fans": _FANS,
    }
    if key is not None:
        return render(
            request, "notebook/lineage.html", {**context, **_drawn(visited, key, context)}
        )
    status = HTTPStatus.NOT_FOUND if around and not meant else HTTPStatus.OK
    return render(request, "notebook/lineage.html", context, status=status)


def _meant(visited: Visit, around: str) -> list[Key]:
    """Give what a text may name; of several, one is chosen on the page."""
    key = find_key(visited.world, around) if around else newest_key(visited.world)
    if key is not None:
        return [key]
    return keys_beginning(visited.world, around, limit=_MOST_MEANT + 1)


def _chosen(text: str | None, offered: tuple[int, ...], default: int) -> int:
    """Give the offered number that a text names, or the default."""
    return next((number for number in offered if str(number) == text), default)


def _drawn(visited: Visit, key: Key, context: dict[str, Any]) -> dict[str, Any]:
    found = lineage_around(visited.world, key, depth=context["depth"], fan=context["fan"])
    centre = next((node for node in found.nodes if node.key == key), None)
    return {
        "lineage": found,
        "centre": centre,
        "picture": draw(found),
        "branches": nest(found),
        "box_width": WIDTH,
        "box_height": HEIGHT,
        "around": context["around"] or str(key),
    }
