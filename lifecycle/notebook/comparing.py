"""Two artifacts side by side, and the way to choose the other one. The comparison is a query's."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.notebook.visiting import Visit, hash_in, visit
from lifecycle.usecases.queries.artifacts import find_artifact_in_full
from lifecycle.usecases.queries.comparison import compare_artifacts
from lifecycle.usecases.queries.relatives import relatives_of

_LONGEST_SHOWN: Final = 80
_NO_HASH: Final = "A hash is 64 hexadecimal digits, with or without sha256: or 0x before them."


@login_required
@never_cache
@require_safe
def choose(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Offer artifacts to compare one with; lead to the comparison once `with` names the other."""
    visited, digest = visit(request, slug), hash_in(wasm_hash)
    named = request.GET.get("with")
    if not named:
        return _choice(request, visited, digest)
    try:
        other = normalise_hash(named)
    except HashFormatError:
        return _choice(request, visited, digest, _NO_HASH)
    if find_artifact_in_full(visited.world, other) is None:
        return _choice(request, visited, digest, "This world has no artifact with that hash.")
    address = reverse("compare", args=[slug, digest, other])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _choice(
    request: HttpRequest, visited: Visit, wasm_hash: str, fault: str | None = None
) -> HttpResponse:
    page = find_artifact_in_full(visited.world, wasm_hash)
    if page is None:
        raise Http404
    context: dict[str, Any] = {
        "head": visited.head,
        "artifact": page.artifact,
        "relatives": relatives_of(visited.world, page.artifact),
        "named": request.GET.get("with", "")[:_LONGEST_SHOWN],
        "fault": fault,
    }
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    return render(request, "notebook/choose.html", context, status=status)


@login_required
@never_cache
@require_safe
def compare(request: HttpRequest, slug: str, wasm_hash: str, other_hash: str) -> HttpResponse:
    """Show where two artifacts differ."""
    visited = visit(request, slug)
    found = compare_artifacts(visited.world, hash_in(wasm_hash), hash_in(other_hash))
    if found is None:
        raise Http404
    return render(request, "notebook/compare.html", {"head": visited.head, "found": found})
