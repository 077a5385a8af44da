"""Artifacts, their bytes, source packages, installed modules and the status query. All read."""

from typing import Final

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.api import artifact_serializers as shapes
from lifecycle.api import parameters
from lifecycle.api.openapi import header, problems, query
from lifecycle.api.problems import ProblemError
from lifecycle.api.views import ApiView
from lifecycle.core.ids import WasmHash
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.artifacts import artifact_document, artifacts_page, find_wasm
from lifecycle.usecases.queries.modules import find_module, modules_page
from lifecycle.usecases.queries.sources import source_document
from lifecycle.usecases.queries.status import StatusQuery, module_lifecycle_status

_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 200
_WASM: Final = "application/wasm"
_LIMIT: Final = query("limit", "1 to 200; 50 when absent.", OpenApiTypes.INT)
_BEFORE: Final = query("before", "The `next` of the page before.", OpenApiTypes.INT)


class StatusView(ApiView):
    """The tool `module_lifecycle_status`."""

    @extend_schema(
        operation_id="module_lifecycle_status",
        parameters=[
            query("module_id", "Only what belongs to this module: by hint or by installs."),
            query("limit_artifacts", "1 to 256; 32 when absent or no integer."),
            query("limit_installed", "1 to 256; 32 when absent or no integer."),
            query("cursor", "The `next_cursor` of the reply before."),
        ],
        responses={200: shapes.Status, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """Tell what exists, what compiles, what is allowed."""
        given = request.query_params
        asked = StatusQuery(
            module_id=parameters.text(request, "module_id"),
            limit_artifacts=given.get("limit_artifacts"),
            limit_installed=given.get("limit_installed"),
            cursor=given.get("cursor"),
        )
        return Response(module_lifecycle_status(self.seen(world), asked))


class ArtifactsView(ApiView):
    """A world's artifacts."""

    @extend_schema(
        operation_id="artifacts_list",
        parameters=[query("module_id", "Only what belongs to this module."), _BEFORE, _LIMIT],
        responses={200: shapes.ArtifactPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List artifacts, newest first."""
        page = artifacts_page(
            self.seen(world),
            module_id=parameters.text(request, "module_id"),
            before=parameters.integer(request, "before"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"artifacts": [row.document() for row in page.rows], "next": page.next})


class ArtifactView(ApiView):
    """One artifact."""

    @extend_schema(
        operation_id="artifacts_retrieve", responses={200: shapes.Artifact, **problems(400, 404)}
    )
    def get(self, request: Request, world: str, wasm_hash: str) -> Response:  # noqa: ARG002 - Django's
        """Tell all that is known of an artifact; any spelling of its hash will do."""
        seen, wanted = self.seen(world), parameters.path_hash(wasm_hash, "wasm_hash")
        document = artifact_document(seen, wanted)
        if document is None:
            raise _unknown(wanted)
        return Response(document)


def _unknown(wasm_hash: WasmHash) -> ProblemError:
    return ProblemError("artifact_unknown", "wasm_hash", {"wasm_hash": wasm_hash})


class WasmView(ApiView):
    """An artifact's bytes."""

    @extend_schema(
        operation_id="artifacts_wasm",
        parameters=[header("ETag", "The hash, quoted.", 200, 304)],
        responses={
            (200, _WASM): OpenApiTypes.BINARY,
            304: OpenApiResponse(None, "The caller has them."),
            **problems(400, 404, 409),
        },
    )
    def get(self, request: Request, world: str, wasm_hash: str) -> HttpResponse:
        """Give the bytes, which never change under their hash."""
        seen, wanted = self.seen(world), parameters.path_hash(wasm_hash, "wasm_hash")
        wasm = find_wasm(seen, wanted)
        if wasm is None:
            raise _unknown(wanted)
        headers = {
            "Content-Disposition": f'attachment; filename="{wanted}.wasm"',
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{wanted}"',
        }
        whole = HttpResponse(wasm, content_type=_WASM, headers=headers)
        answer = get_conditional_response(request, etag=headers["ETag"], response=whole)
        return whole if answer is None else answer


class SourceView(ApiView):
    """A source package."""

    @extend_schema(
        operation_id="sources_retrieve",
        responses={200: shapes.SourcePackage, **problems(400, 404, 409)},
    )
    def get(self, request: Request, world: str, digest: str) -> Response:  # noqa: ARG002 - Django's
        """Give a source package that this world was asked to compile, as it was compiled."""
        seen, wanted = self.seen(world), parameters.path_hash(digest, "digest")
        document = source_document(seen, wanted)
        if document is None:
            raise NotFoundError
        return Response(document)


class ModulesView(ApiView):
    """A world's installed modules."""

    @extend_schema(
        operation_id="modules_list",
        parameters=[_BEFORE, _LIMIT],
        responses={200: shapes.ModulePage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List installed modules, newest first."""
        page = modules_page(
            self.seen(world),
            before=parameters.integer(request, "before"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response(
            {"installed_modules": [row.document() for row in page.rows], "next": page.next}
        )


class ModuleView(ApiView):
    """One installed module."""

    @extend_schema(operation_id="modules_retrieve", responses={200: shapes.Module, **problems(404)})
    def get(self, request: Request, world: str, module_id: str) -> Response:  # noqa: ARG002 - Django's
        """Tell what a module id is bound to now."""
        module = find_module(self.seen(world), module_id)
        if module is None:
            raise NotFoundError
        return Response(module.document())
