"""Decisions: submit one, read one back, list them. How one is judged is the use cases' matter."""

from typing import Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from lifecycle.access.callers import (
    AgentCaller,
    SeenWorld,
    account_of,
    may_submit,
    seen_worlds,
)
from lifecycle.api import parameters
from lifecycle.api.bodies import media_type_of, read_body
from lifecycle.api.openapi import decision_request, header, problems, query
from lifecycle.api.problems import RETRY_SECONDS, Problem, ProblemError, problem_response
from lifecycle.api.serializers import DecisionPage, DecisionRecord
from lifecycle.api.views import ApiView
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.decisions import STATUSES, decisions_page, find_decision
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.receive import Delivery, Receipt, receive

_TEXT: Final = "text/plain"
_MEDIA_TYPES: Final = ("application/json", _TEXT)
_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 200
_STATUS: Final = {"applied": 201, "compiling": 202, "unchanged": 200}
_REFUSED: Final = {"rejected": 422, "malformed": 400}
_EXAMPLES: Final = [
    OpenApiExample("Wait", {"decision": "wait_ticks", "ticks": 10}, request_only=True),
    OpenApiExample(
        "Compile",
        {
            "decision": "compile_module_artifact_from_source",
            "module_id": "answer",
            "manifest_path": "main.c",
            "source_files": {"main.c": "int answer(void) { return 42; }\n"},
        },
        request_only=True,
    ),
]


class DecisionsView(ApiView):
    """A world's decisions."""

    @extend_schema(
        operation_id="decisions_list",
        parameters=[
            query("agent_id", "Only this agent's."),
            query("status", "Only those with this status.", enum=STATUSES),
            query("before", "The `next` of the page before."),
            query("limit", "1 to 200; 50 when absent.", OpenApiTypes.INT),
        ],
        responses={200: DecisionPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List decisions, newest first."""
        page = decisions_page(
            self.seen(world),
            agent_id=parameters.text(request, "agent_id"),
            status=parameters.text(request, "status"),
            before=parameters.text(request, "before"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"decisions": page.rows, "next": page.next})

    @extend_schema(
        operation_id="decisions_submit",
        request=decision_request(),
        parameters=[
            query("dry_run", "1 judges the decision and records nothing.", OpenApiTypes.BOOL),
            header(
                "Idempotency-Key",
                "1 to 255 printable ASCII characters. The same key gives the first answer again.",
            ),
            header("Location", "The recorded decision.", 201, 202, 400, 422),
            header("Idempotency-Replayed", "true: the key's first answer.", 200, 422),
            header("Retry-After", "Seconds until it is worth asking again.", 202, 503),
        ],
        responses={
            200: DecisionRecord,
            201: DecisionRecord,
            202: DecisionRecord,
            **problems(403, 404, 409, 413, 415, about_decision=(400, 422)),
        },
        examples=_EXAMPLES,
    )
    def post(self, request: Request, world: str) -> Response:
        """Submit a decision.

        201: applied. 202: compiling; ask again at Location. 200: it changed nothing, or the key
        was known, or it was a dry run. 422: the rules refuse. 400: it is no decision.
        """
        delivery = self._delivery(request, self.seen(world))
        return _answer(request, receive(delivery), rehearsal=delivery.rehearsal)

    def _delivery(self, request: Request, world: SeenWorld) -> Delivery:
        caller = self.caller()
        if not may_submit(caller, world):
            raise ProblemError("permission_denied")
        media_type = media_type_of(request, _MEDIA_TYPES)
        return Delivery(
            world=world.slug,
            agent_id=caller.agent_id if isinstance(caller, AgentCaller) else None,
            account=account_of(caller),
            channel="api",
            body=read_body(request),
            text_reply=media_type == _TEXT,
            key=request.headers.get("Idempotency-Key"),
            rehearsal=parameters.flag(request, "dry_run"),
        )


def _answer(request: Request, receipt: Receipt, *, rehearsal: bool) -> Response:
    document = receipt.document
    headers = {"Idempotency-Replayed": "true"} if receipt.repeated else {}
    if document["id"] is not None:
        headers["Location"] = _address_of(request, document)
    if receipt.status in _REFUSED:
        rejection = document["rejection"]
        facts = rejection["facts"], headers
        problem = Problem(_REFUSED[receipt.status], rejection["code"], rejection["field"], *facts)
        return problem_response(problem, rejection=rejection, decision=document)
    if receipt.status == "compiling":
        headers["Retry-After"] = str(RETRY_SECONDS)
    again = receipt.repeated or rehearsal
    return Response(document, status=200 if again else _STATUS[receipt.status], headers=headers)


def _address_of(request: Request, document: Document) -> str:
    kwargs = {"world": document["world"], "decision_id": document["id"]}
    return reverse("api-decision-of-world", kwargs=kwargs, request=request)


class DecisionOfWorldView(ApiView):
    """One decision of a world."""

    @extend_schema(
        operation_id="decisions_of_world_retrieve",
        responses={200: DecisionRecord, **problems(404)},
    )
    def get(self, request: Request, world: str, decision_id: str) -> Response:  # noqa: ARG002 - Django's
        """Read a decision back, with what became of it."""
        return _found(find_decision([self.seen(world)], decision_id))


class DecisionView(ApiView):
    """One decision of any world that the caller sees."""

    @extend_schema(
        operation_id="decisions_retrieve", responses={200: DecisionRecord, **problems(404)}
    )
    def get(self, request: Request, decision_id: str) -> Response:  # noqa: ARG002 - Django's
        """Read a decision back by its id alone."""
        return _found(find_decision(seen_worlds(self.caller()), decision_id))


def _found(document: Document | None) -> Response:
    if document is None:
        raise NotFoundError
    return Response(document)
