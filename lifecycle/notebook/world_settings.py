"""The settings of a world: every member reads them, a maintainer changes them."""

from functools import partial
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
from lifecycle.notebook.maintaining import by, maintained, refusal_of, status_of
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.errors import SettingsChangedError
from lifecycle.usecases.limits import TIGHTENED, service_policy
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.teams import changes_page
from lifecycle.usecases.world_settings import (
    LONGEST_TITLE,
    WantedSettings,
    change_settings,
    completed,
    optional_features,
    present_settings,
    settings_version,
)

_MOST_CHANGES: Final = 20
_MOST_DIGITS: Final = 18
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
        # The version first: what is changed in between makes the form stale, and is not undone.
        version = settings_version(visited.world)
        return _page(request, visited, present_settings(visited.world), version)
    visited = maintained(request, slug)
    wanted, made_from = _wanted_in(request), _version_in(request)
    change = partial(change_settings, visited.world, wanted, by(request), made_from=made_from)
    refused = refusal_of(change)
    if refused is not None:
        return _refused(request, visited, (wanted, made_from), refused)
    messages.success(request, "The settings hold from the next decision on.")
    return HttpResponseRedirect(reverse("world-settings", args=[slug]), status=HTTPStatus.SEE_OTHER)


def _wanted_in(request: HttpRequest) -> WantedSettings:
    """Read what is asked for; a field that is not sent asks for nothing."""
    features = request.POST.getlist("wasm_features")
    return WantedSettings(
        request.POST.get("title"),
        {name: request.POST[name] for name in TIGHTENED if name in request.POST},
        # The form sends a blank one besides, for no feature ticked is not the same as none sent.
        [name for name in features if name] if features else None,
    )


def _version_in(request: HttpRequest) -> int | None:
    """Read what the form was made from; what is no version is older than all."""
    text = request.POST.get("made_from")
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def _refused(
    request: HttpRequest,
    visited: Visit,
    sent: tuple[WantedSettings, int | None],
    refused: Document,
) -> HttpResponse:
    wanted, made_from = sent
    if refused["code"] != SettingsChangedError.code or made_from is None:
        form = completed(visited.world, wanted, None)
        return _page(request, visited, form, made_from, refused)
    version = settings_version(visited.world)
    since = changes_page(visited.world, subjects=("setting",), after=made_from, limit=_MOST_CHANGES)
    form = completed(visited.world, wanted, made_from)
    return _page(request, visited, form, version, refused, since.rows)


def _page(
    request: HttpRequest,
    visited: Visit,
    form: WantedSettings,
    made_from: int | None,
    refused: Document | None = None,
    meanwhile: list[Document] | None = None,
) -> HttpResponse:
    service = service_policy()
    context = {
        "head": visited.head,
        "title": form.title,
        "limits": [
            {
                "name": name,
                "words": _WORDS[name],
                "value": form.limits.get(name, ""),
                "service": getattr(service, name),
            }
            for name in TIGHTENED
        ],
        "features": [
            {"name": name, "allowed": name in (form.wasm_features or ())}
            for name in optional_features()
        ],
        "changes": changes_page(visited.world, subjects=("setting",), limit=_MOST_CHANGES).rows,
        "longest_title": LONGEST_TITLE,
        "may_change": may_maintain(request.user, visited.world),
        "made_from": made_from,
        "meanwhile": meanwhile,
        "rejection": refused if meanwhile is None else None,
    }
    return render(request, "notebook/world_settings.html", context, status=status_of(refused))
