"""The page of one artifact, its files to download, and its rebuilds. Comparing is `comparing`'s."""

import io
import zipfile
from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lifecycle.core.events import RejectionRecord
from lifecycle.core.source_package import SourcePackage
from lifecycle.notebook.visiting import Visit, hash_in, visit
from lifecycle.usecases.errors import NotFoundError, TooManyRebuildsError
from lifecycle.usecases.queries.artifacts import ArtifactInFull, find_artifact_in_full, find_wasm
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.installs import installs_of_artifact
from lifecycle.usecases.queries.provenance import origins_of, remarks_of_compile
from lifecycle.usecases.queries.rebuilds import RebuildRow, rebuilds_of
from lifecycle.usecases.rebuilds import request_rebuild

_LISTED: Final = 50
# Zip files know no time before this one; the same sources give the same file.
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@login_required
@never_cache
@require_safe
def artifact(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Show one artifact: what it holds, where it came from and went, its sources."""
    visited = visit(request, slug)
    return _page(request, visited, _get(visited, hash_in(wasm_hash)))


def _get(visited: Visit, wasm_hash: str) -> ArtifactInFull:
    page = find_artifact_in_full(visited.world, wasm_hash)
    if page is None:
        raise Http404
    return page


def _page(
    request: HttpRequest, visited: Visit, page: ArtifactInFull, refusal: Document | None = None
) -> HttpResponse:
    wasm_hash = page.artifact.wasm_hash
    context = {
        **_rebuilds(visited, wasm_hash),
        "page": page,
        "refusal": refusal,
        "origins": origins_of(visited.world, page.publications[:_LISTED]),
        "remarks": remarks_of_compile(visited.world, page.publications),
        "installs": installs_of_artifact(visited.world, wasm_hash, limit=_LISTED),
    }
    status = HTTPStatus.OK if refusal is None else HTTPStatus.TOO_MANY_REQUESTS
    return render(request, "notebook/artifact.html", context, status=status)


def _rebuilds(visited: Visit, wasm_hash: str) -> dict[str, Any]:
    rows: list[RebuildRow] = rebuilds_of(visited.world, wasm_hash)
    return {
        "head": visited.head,
        "may_act": visited.may_act,
        "wasm_hash": wasm_hash,
        "rebuilds": rows,
        "is_rebuilding": any(not row.is_finished for row in rows),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rebuilds(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Give the rebuilds of an artifact, as the part of its page; have it rebuilt."""
    visited, digest = visit(request, slug), hash_in(wasm_hash)
    page = _get(visited, digest)
    if request.method != "POST":
        return render(request, "notebook/_rebuilds.html", _rebuilds(visited, digest))
    if not visited.may_act:
        raise PermissionDenied
    try:
        request_rebuild(visited.world, digest, request.user.get_username())
    except NotFoundError as error:
        raise Http404 from error
    except TooManyRebuildsError as error:
        record = RejectionRecord(error.code, error.field, error.facts)
        return _page(request, visited, page, rejection_document(record))
    address = reverse("artifact", args=[slug, digest])
    return HttpResponseRedirect(f"{address}#rebuild", status=HTTPStatus.SEE_OTHER)


@login_required
@never_cache
@require_safe
def wasm(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Give an artifact's bytes as a file."""
    visited, digest = visit(request, slug), hash_in(wasm_hash)
    content = find_wasm(visited.world, digest)
    if content is None:
        raise Http404
    return _file(content, "application/wasm", f"{digest}.wasm")


@login_required
@never_cache
@require_safe
def sources(request: HttpRequest, slug: str, wasm_hash: str) -> HttpResponse:
    """Give the sources that an artifact was compiled from as a zip file."""
    page = _get(visit(request, slug), hash_in(wasm_hash))
    if page.sources is None:
        raise Http404
    name = f"{page.artifact.wasm_hash}-sources.zip"
    return _file(_zipped(page.sources), "application/zip", name)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _zipped(package: SourcePackage) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(package.files.items()):
            archive.writestr(zipfile.ZipInfo(path, _ZIP_EPOCH), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()
