"""The tools as definitions for whoever runs an agent, and a door to call each of them by its name.

What a tool does is the use cases' matter; its definition is the protocol's.
"""

from typing import Final

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import AgentCaller
from lifecycle.api import parameters
from lifecycle.api.bodies import media_type_of, read_body
from lifecycle.api.openapi import problems, query
from lifecycle.api.problems import ProblemError
from lifecycle.api.views import ApiView
from lifecycle.protocol.names import QUERY_TOOL_NAMES, find_tool
from lifecycle.protocol.shown import shown
from lifecycle.protocol.tools import ToolFormat, tool_definitions
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.tools import ToolCall, call_tool

_FORMATS: Final = tuple(form.value for form in ToolFormat)


class ToolsView(ApiView):
    """The tools of a world's agents."""

    @extend_schema(
        operation_id="tools_list",
        parameters=[
            query("format", "Whose form; openai when absent.", enum=_FORMATS),
            query(
                "strict",
                "1 for the strict modes of providers: every field required, null where optional.",
                OpenApiTypes.BOOL,
            ),
        ],
        responses={200: OpenApiTypes.ANY, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """Give the tools' definitions, ready to hand to a model."""
        self.seen(world)
        wanted = parameters.text(request, "format") or ToolFormat.OPENAI.value
        if wanted not in _FORMATS:
            raise parameters.invalid("format", wanted, ", ".join(_FORMATS))
        strict = parameters.flag(request, "strict")
        return Response(tool_definitions(ToolFormat(wanted), strict=strict))


class ToolView(ApiView):
    """A tool that only asks."""

    @extend_schema(
        operation_id="tools_call",
        request={"application/json": {"type": "object"}},
        responses={200: OpenApiTypes.OBJECT, **problems(400, 403, 404, 413, 415)},
        examples=[OpenApiExample("Status", {"module_id": "clock"}, request_only=True)],
    )
    def post(self, request: Request, world: str, tool: str) -> Response:
        """Call a tool that only asks, its arguments as the body; decisions go to decisions/."""
        seen, caller = self.seen(world), self.caller()
        name = find_tool(tool)
        if name not in QUERY_TOOL_NAMES:
            facts = {
                "received": shown(tool),
                "accepted": ", ".join(QUERY_TOOL_NAMES),
                "decisions": reverse("api-decisions", args=[seen.slug]),
            }
            raise NotFoundError("tool", facts)
        if not isinstance(caller, AgentCaller):
            raise ProblemError("permission_denied", None, {"agents": "only"})
        body = read_body(request)
        if body.strip():
            media_type_of(request, ("application/json",))
        # No tool that only asks wants an argument, so a call without a body asks for the defaults.
        text = _text_of(body) if body.strip() else "{}"
        call = ToolCall(seen, caller.agent_id, None, "api", name, text)
        result = call_tool(call)
        if result.is_error:
            rejection = result.document["rejection"]
            raise ProblemError(rejection["code"], rejection["field"], rejection["facts"])
        return Response(result.document)


def _text_of(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ProblemError("invalid_utf8", "body", {"at_byte": error.start}) from error
