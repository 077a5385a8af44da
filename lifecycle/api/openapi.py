"""How the OpenAPI document tells what serializers cannot: errors, log-in, the decision's schema.

Shapes of answers are in `serializers`; what an endpoint does stands at its view.
"""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from lifecycle.api.problems import MEDIA_TYPE
from lifecycle.api.serializers import DecisionProblem, Problem
from lifecycle.core.ids import ID_PATTERN
from lifecycle.protocol.schema import decision_json_schema

Responses = Mapping[Any, Any]

_MEANINGS: Final[Mapping[int, str]] = {
    400: "The request is malformed.",
    401: "No valid token and no session.",
    403: "The caller may not do this.",
    404: "Unknown, or not the caller's to see.",
    405: "The address has no such method.",
    409: "The key came before with another body, the name is taken, or the history is broken.",
    413: "The body is too large.",
    415: "The body's media type is not read here.",
    422: "The rules refuse.",
    429: "Too many requests.",
    500: "The service failed, or the journal is broken.",
    503: "The store did not take the change; nothing was recorded.",
}


class AgentTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself
    """An agent's bearer token."""

    target_class = "lifecycle.api.authentication.AgentTokenAuthentication"
    name = "agentToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Describe the token."""
        return {"type": "http", "scheme": "bearer", "description": "An agent's token: wst_…"}


class AccountSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself
    """A person's session."""

    target_class = "lifecycle.api.authentication.AccountSessionAuthentication"
    name = "accountSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Describe the cookie."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A person's log-in; changes need the X-CSRFToken header too.",
        }


def problems(*statuses: int, about_decision: tuple[int, ...] = ()) -> dict[Any, Any]:
    """Give the error responses of an endpoint; those about a decision carry it."""
    every = {*statuses, *about_decision, 401, 429, 500, 503}
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            DecisionProblem if status in about_decision else Problem, _MEANINGS[status]
        )
        for status in sorted(every)
    }


def query(
    name: str,
    description: str,
    kind: Any = OpenApiTypes.STR,  # noqa: ANN401 - one of many enumerated types
    **more: Any,  # noqa: ANN401 - spectacular's arguments
) -> OpenApiParameter:
    """Describe a query parameter."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


def header(name: str, description: str, *statuses: int) -> OpenApiParameter:
    """Describe a request's header, or with statuses a response's."""
    return OpenApiParameter(
        name,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description=description,
        response=list(statuses) if statuses else False,
    )


def decision_request() -> dict[str, Any]:
    """Describe a decision's body from the one schema; a person's session adds `agent_id`."""
    schema = decision_json_schema()
    schema.pop("$schema")
    for alternative in schema["oneOf"]:
        alternative["properties"]["agent_id"] = {
            "type": "string",
            "pattern": f"^{ID_PATTERN}$",
            "description": "The agent that a person acts for. An agent's token needs none.",
        }
    reply = {"type": "string", "description": "A model's reply as it is: one decision is found."}
    return {"application/json": schema, "text/plain": reply}
