"""The pages that only show. What submits a decision stands in `submitting`."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.notebook.panels import live_panels
from lifecycle.notebook.visiting import cursor_in, visit
from lifecycle.usecases.queries import lineage, overview


@login_required
@never_cache
@require_safe
def worlds(request: HttpRequest) -> HttpResponse:
    """List the worlds that the account may see."""
    return render(request, "notebook/worlds.html", {"cards": overview.world_cards(request.user)})


@never_cache
@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a world's panels anew: 204 where nothing changed since the version that is shown."""
    if not request.user.is_authenticated:
        return _to_login(slug)
    version = overview.live_version(request.user, slug)
    if version is None:
        raise Http404
    if request.GET.get("v") == version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    head = visit(request, slug).head
    context = {**live_panels(head, version), "oob": True}
    return render(request, "notebook/_live.html", context)


def _to_login(slug: str) -> HttpResponse:
    # A redirect would be followed unseen and its page put into the panels.
    query = urlencode({"next": reverse("world", args=[slug])})
    address = f"{resolve_url('login')}?{query}"
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})


@login_required
@never_cache
@require_safe
def decisions(request: HttpRequest, slug: str) -> HttpResponse:
    """List decisions, newest first."""
    head = visit(request, slug).head
    listing = overview.decisions_page(head.world_pk, slug, before=cursor_in(request))
    return render(request, "notebook/decisions.html", {"head": head, "listing": listing})


@login_required
@never_cache
@require_safe
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """List the journal, newest first."""
    head = visit(request, slug).head
    listing = overview.events_page(head.world_pk, before=cursor_in(request), limit=50)
    return render(request, "notebook/events.html", {"head": head, "listing": listing})


@login_required
@never_cache
@require_safe
def artifacts(request: HttpRequest, slug: str) -> HttpResponse:
    """List artifacts, newest first."""
    head = visit(request, slug).head
    listing = overview.artifacts_page(head.world_pk, before=cursor_in(request))
    return render(request, "notebook/artifacts.html", {"head": head, "listing": listing})


@login_required
@never_cache
@require_safe
def modules(request: HttpRequest, slug: str) -> HttpResponse:
    """List installed modules, newest first."""
    head = visit(request, slug).head
    listing = overview.modules_page(head.world_pk, before=cursor_in(request))
    return render(request, "notebook/modules.html", {"head": head, "listing": listing})


@login_required
@never_cache
@require_safe
def decision(request: HttpRequest, slug: str, decision_id: str) -> HttpResponse:
    """Show one decision with all that is known of it."""
    head = visit(request, slug).head
    page = lineage.decision_page(head.world_pk, slug, decision_id)
    if page is None:
        raise Http404
    return render(request, "notebook/decision.html", {"head": head, "page": page})


@login_required
@never_cache
@require_safe
def artifact(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Show one artifact: what it holds, where it came from, its sources."""
    head = visit(request, slug).head
    page = lineage.artifact_page(head.world_pk, _hash_in(wasm_hash))
    if page is None:
        raise Http404
    return render(request, "notebook/artifact.html", {"head": head, "page": page})


@login_required
@never_cache
@require_safe
def wasm(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Give an artifact's bytes as a file."""
    digest = _hash_in(wasm_hash)
    content = lineage.find_wasm(visit(request, slug).head.world_pk, digest)
    if content is None:
        raise Http404
    return HttpResponse(
        content,
        content_type="application/wasm",
        headers={"Content-Disposition": f'attachment; filename="{digest}.wasm"'},
    )


def _hash_in(text: str) -> str:
    try:
        return normalise_hash(text)
    except HashFormatError as error:
        raise Http404 from error
