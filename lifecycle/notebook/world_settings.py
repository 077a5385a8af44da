"""The settings of a world: every member reads them, a maintainer changes them."""

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lifecycle.access.callers import may_maintain
from lifecycle.notebook.maintaining import by, maintained, refusal_of
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.limits import TIGHTENED, service_policy
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.teams import changes_page
from lifecycle.usecases.world_settings import (
    LONGEST_TITLE,
    WantedSettings,
    change_settings,
    get_settings,
    optional_features,
)

_MOST_CHANGES: Final = 20
_WORDS: Final = {
    "max_wait_ticks": "Ticks of one wait",
    "max_source_files": "Files of a source package",
    "max_source_file_bytes": "Bytes of one source file",
    "max_source_bytes": "Bytes of a source package",
    "max_wasm_bytes": "Bytes of a module",
    "max_pending_compiles": "Unfinished compiles of one agent",
}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world's settings; change them."""
    if request.method != "POST":
        visited = visit(request, slug)
        return _page(request, visited, _present(visited))
    visited = maintained(request, slug)
    wanted = WantedSettings(
        request.POST.get("title", ""),
        {name: request.POST.get(name, "") for name in TIGHTENED},
        request.POST.getlist("wasm_features"),
    )
    refused = refusal_of(lambda: change_settings(visited.world, wanted, by(request)))
    if refused is not None:
        return _page(request, visited, wanted, refused)
    messages.success(request, "The settings hold from the next decision on.")
    return HttpResponseRedirect(reverse("world-settings", args=[slug]), status=HTTPStatus.SEE_OTHER)


def _present(visited: Visit) -> WantedSettings:
    now = get_settings(visited.world)
    features = optional_features() if now.wasm_features is None else now.wasm_features
    limits = {name: str(now.limits.get(name, "")) for name in TIGHTENED}
    return WantedSettings(now.title, limits, features)


def _page(
    request: HttpRequest, visited: Visit, form: WantedSettings, refused: Document | None = None
) -> HttpResponse:
    service = service_policy()
    context = {
        "head": visited.head,
        "title": form.title,
        "limits": [
            {
                "name": name,
                "words": _WORDS[name],
                "value": form.limits[name],
                "service": getattr(service, name),
            }
            for name in TIGHTENED
        ],
        "features": [
            {"name": name, "allowed": name in form.wasm_features} for name in optional_features()
        ],
        "changes": changes_page(visited.world, subjects=("setting",), limit=_MOST_CHANGES).rows,
        "longest_title": LONGEST_TITLE,
        "may_change": may_maintain(request.user, visited.world),
        "rejection": refused,
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "notebook/world_settings.html", context, status=status)
