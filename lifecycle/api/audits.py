"""Checks that run in the background, and signed checkpoints. All members read; auditors ask."""

from typing import Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import SeenWorld, account_of, may_audit
from lifecycle.api import audit_serializers as serializers
from lifecycle.api import parameters
from lifecycle.api.bodies import read_texts
from lifecycle.api.openapi import problems, query
from lifecycle.api.problems import ProblemError
from lifecycle.api.views import ApiView
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.long_answers import turn
from lifecycle.usecases.queries.audits import (
    checkpoint_document,
    checkpoints_page,
    checks_page,
    get_check,
    get_note,
)

_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 200
_BEFORE: Final = query("before", "The `next` of the page before.", OpenApiTypes.INT)
_LIMIT: Final = query("limit", "1 to 200; 50 when absent.", OpenApiTypes.INT)
_NOTE: Final = "text/plain; charset=utf-8"
_MOST_DIGITS: Final = 18


class _AuditView(ApiView):
    """What both have in common: auditors and maintainers ask for something to be done."""

    def audited(self, slug: str) -> SeenWorld:
        """Give a world that the caller may audit.

        Raises:
            WorldNotFoundError: the caller sees no such world.
            ProblemError: the caller may not audit it.
        """
        world = self.seen(slug)
        if not may_audit(self.caller(), world):
            raise ProblemError("permission_denied")
        return world


class ChecksView(_AuditView):
    """A world's checks."""

    @extend_schema(
        operation_id="checks_list",
        parameters=[_BEFORE, _LIMIT],
        responses={200: serializers.CheckPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List checks, the last asked for first."""
        page = checks_page(
            self.seen(world),
            before=parameters.integer(request, "before"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"checks": page.rows, "next": page.next})

    @extend_schema(
        operation_id="checks_ask",
        request=serializers.NewCheck,
        responses={202: serializers.Check, **problems(400, 403, 404, 413, 415, 503)},
    )
    def post(self, request: Request, world: str) -> Response:
        """Have the worker check a world of any length. Auditors and maintainers only."""
        seen = self.audited(world)
        given = read_texts(request, (), ("wasm_hash", "from_seq", "to_seq"))
        asked = CheckRequest(
            account=account_of(self.caller()),
            channel="api",
            from_seq=_place(given, "from_seq") or 1,
            to_seq=_place(given, "to_seq"),
            wasm_hash=given.get("wasm_hash"),
        )
        document = get_check(seen, ask_check(seen, asked).check_id)
        place = f"/api/v1/worlds/{seen.slug}/checks/{document['id']}/"
        return Response(document, status=202, headers={"Location": place, "Retry-After": "1"})


def _place(given: dict[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS or int(text) < 1:
        raise parameters.invalid(name, text, "a place in the journal, in plain digits")
    return int(text)


class CheckView(ApiView):
    """One check."""

    @extend_schema(
        operation_id="checks_retrieve", responses={200: serializers.Check, **problems(404)}
    )
    def get(self, request: Request, world: str, check_id: str) -> Response:  # noqa: ARG002 - Django's
        """Tell how far a check is, and what it found."""
        return Response(get_check(self.seen(world), check_id))


class CheckpointsView(_AuditView):
    """A world's signed checkpoints."""

    @extend_schema(
        operation_id="checkpoints_list",
        parameters=[_BEFORE, _LIMIT],
        responses={200: serializers.CheckpointPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List checkpoints, newest first."""
        page = checkpoints_page(
            self.seen(world),
            before=parameters.integer(request, "before"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"checkpoints": page.rows, "next": page.next})

    @extend_schema(
        operation_id="checkpoints_make",
        request=None,
        responses={201: serializers.Checkpoint, **problems(400, 403, 404, 409, 503)},
    )
    def post(self, request: Request, world: str) -> Response:  # noqa: ARG002 - Django's
        """Sign where the world stands now. Auditors and maintainers only.

        A place is signed once; asking again gives the same checkpoint.
        """
        seen = self.audited(world)
        with turn():
            made = make_checkpoint(seen.slug, account=account_of(self.caller()), channel="api")
        return Response(checkpoint_document(made), status=201)


class CheckpointView(ApiView):
    """One checkpoint."""

    @extend_schema(
        operation_id="checkpoints_retrieve",
        responses={(200, "text/plain"): OpenApiTypes.STR, **problems(404)},
    )
    def get(self, request: Request, world: str, seq: int) -> HttpResponse:  # noqa: ARG002 - Django's
        """Give a checkpoint as a signed note, to keep (docs/checkpoints.md)."""
        seen = self.seen(world)
        note = get_note(seen, seq if seq <= parameters.LARGEST else 0)
        name = f'attachment; filename="{seen.slug}-{seq}.checkpoint"'
        return HttpResponse(note, content_type=_NOTE, headers={"Content-Disposition": name})


class CheckpointKeysView(ApiView):
    """The public keys of all worlds' checkpoints."""

    @extend_schema(
        operation_id="checkpoint_keys_list",
        responses={200: serializers.CheckpointKeys, **problems()},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's
        """List the keys, the one in use first. Keep them where the operator cannot write."""
        return Response({"keys": [key.vkey for key in known_keys()]})
