"""The journal: its events, the state at any place of it, its proof and its export. All read."""

from collections.abc import Generator, Iterator
from typing import Final

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import SeenWorld
from lifecycle.api import parameters
from lifecycle.api.audit_serializers import NewProof, Proof
from lifecycle.api.bodies import media_type_of, read_body
from lifecycle.api.openapi import problems, query
from lifecycle.api.serializers import Event, EventPage, StateAt, Verification
from lifecycle.api.views import ApiView
from lifecycle.codec.state import document_of
from lifecycle.core.values import JsonObject
from lifecycle.usecases.check_jobs import checked_after_fault
from lifecycle.usecases.checkpoints import known_keys
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError
from lifecycle.usecases.export import export_world
from lifecycle.usecases.long_answers import Turn, turn
from lifecycle.usecases.proofs import (
    MOST_PROVEN,
    note_in,
    proof_document,
    prove,
    report_document,
)
from lifecycle.usecases.queries.events import events_page, find_event, head_seq
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import verify_world

_DEFAULT_PAGE: Final = 100
_LARGEST_PAGE: Final = 1000
_JSON_LINES: Final = "application/jsonl"
_NOTE_TYPES: Final = ("text/plain", "application/json")


class EventsView(ApiView):
    """A world's journal."""

    @extend_schema(
        operation_id="events_list",
        parameters=[
            query("after", "Events past this place; 0 when absent.", OpenApiTypes.INT),
            query("limit", "1 to 1000; 100 when absent.", OpenApiTypes.INT),
        ],
        responses={200: EventPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List events in the order of the journal."""
        seen = self.seen(world)
        after = parameters.integer(request, "after", 0) or 0
        limit = parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE)
        # Read first, so that the head is never behind the events beside it.
        page = events_page(seen, after=after, limit=limit)
        return Response({"events": page.rows, "next": page.next, "head_seq": head_seq(seen)})


class EventView(ApiView):
    """One event."""

    @extend_schema(operation_id="events_retrieve", responses={200: Event, **problems(404)})
    def get(self, request: Request, world: str, seq: int) -> Response:  # noqa: ARG002 - Django's
        """Give the event at a place of the journal."""
        seen = self.seen(world)
        document = find_event(seen, seq) if 0 < seq <= parameters.LARGEST else None
        if document is None:
            raise NotFoundError
        return Response(document)


class StateView(ApiView):
    """A world's state, replayed."""

    @extend_schema(
        operation_id="state_retrieve",
        parameters=[query("at", "A place in the journal; the head when absent.", OpenApiTypes.INT)],
        responses={200: StateAt, **problems(400, 404, 409)},
    )
    def get(self, request: Request, world: str) -> Response:
        """Give the state after the event at a place, by replay, with its digest."""
        seen = self.seen(world)
        with turn(), checked_after_fault(seen.slug):
            found = state_at(seen.slug, parameters.integer(request, "at"))
        return Response(
            {
                "world": found.world,
                "seq": found.seq,
                "head_seq": found.head_seq,
                "state_digest": found.digest,
                "state": document_of(found.state),
            }
        )


class VerifyView(ApiView):
    """The proof of a journal."""

    @extend_schema(
        operation_id="verify",
        parameters=[
            query("from", "First event to check; 1 when absent.", OpenApiTypes.INT),
            query("to", "Last event to check; the head when absent.", OpenApiTypes.INT),
        ],
        responses={200: Verification, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """Check the chain, the invariants and the projections, at most 200,000 events at once.

        A broken journal is an answer like any other: `ok` is false and `fault` names the first
        bad place. From a later place than 1 the chain alone is checked.
        """
        seen = self.seen(world)
        first = parameters.integer(request, "from", 1) or 0
        last = parameters.integer(request, "to")
        _require_short(seen, first, last)
        with turn():
            report = verify_world(seen.slug, from_seq=first, to_seq=last)
        return Response(report_document(report))

    @extend_schema(
        operation_id="verify_checkpoint",
        request={"text/plain": OpenApiTypes.STR, "application/json": NewProof},
        responses={200: Proof, **problems(400, 403, 404, 413, 415)},
    )
    def post(self, request: Request, world: str) -> Response:
        """Check all of a world, at most 200,000 events, and that it extends a checkpoint.

        The body is a signed note, as `checkpoints/{seq}/` gives it, or JSON with it as `note`, as
        `checkpoints/` does. A checkpoint that does not hold is an answer like any other: `ok` is
        false, and `disproof` or the report's `fault` says why. The service trusts the keys that it
        has signed with; who keeps keys proves by the command `verify`, or by an export.
        """
        seen = self.seen(world)
        media_type_of(request, _NOTE_TYPES)
        note = note_in(read_body(request).decode(errors="replace"))
        _require_short(seen, 1, None)
        with turn():
            proof = prove(seen.slug, note, known_keys())
        return Response(proof_document(proof))


def _require_short(seen: SeenWorld, first: int, last: int | None) -> None:
    head = head_seq(seen)
    if (head if last is None else last) - first >= MOST_PROVEN:
        accepted = (
            f"a range of at most {MOST_PROVEN} events; the management command verify checks any "
            "number"
        )
        facts: JsonObject = {"head": head, "maximum": MOST_PROVEN, "accepted": accepted}
        raise InvalidParameterError("to", facts)


class ExportView(ApiView):
    """A world as one file."""

    @extend_schema(
        operation_id="export",
        responses={(200, _JSON_LINES): OpenApiTypes.BINARY, **problems(404)},
    )
    def get(self, request: Request, world: str) -> StreamingHttpResponse:  # noqa: ARG002 - Django's
        """Stream the world as JSON Lines, which import again (docs/export-format.md).

        All who see the world may have it: it holds what its events, artifacts and source packages
        show anyway. A file without its `end` line was cut off by a fault.
        """
        seen = self.seen(world)
        name = f'attachment; filename="{seen.slug}.jsonl"'
        return StreamingHttpResponse(
            _Begun(export_world(seen.slug)),
            content_type=_JSON_LINES,
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )


class _Begun:
    """An export whose first line was taken: what fails before it is still a problem document."""

    def __init__(self, lines: Generator[bytes, None, None]) -> None:
        self._turn = Turn()
        self._lines = lines
        try:
            self._first = next(lines)
        except BaseException:
            self._turn.give_back()
            raise

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._lines

    def close(self) -> None:
        """End the snapshot; Django calls this also when the reader hangs up early."""
        self._lines.close()
        self._turn.give_back()
