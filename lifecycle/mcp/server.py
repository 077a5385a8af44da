"""The server that one agent speaks to, whatever it comes through.

What carries the messages is `endpoint` and `stdio`; what they ask for, `tools` and `resources`.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
)
from pydantic import ValidationError

from lifecycle.access.callers import AgentCaller
from lifecycle.core.events import RejectionRecord
from lifecycle.mcp import resources, tools
from lifecycle.mcp.faults import error_data, protocol_error, record_of_error
from lifecycle.mcp.messages import arguments_of
from lifecycle.protocol.shown import shown, type_name
from lifecycle.usecases.threads import Threads

_NAME: Final = "worldsim"
_INSTRUCTIONS: Final = (
    "You are the agent {agent} in the world {world}. Look with world_observation, read the rules "
    "with world_rules_guide, then submit one decision at a time with agent_submit_decision. A "
    "compile answers at once with its decision's id: look it up with compile_result. A refusal has "
    "a code, a field and a hint that says what would be accepted. The journal, artifacts and "
    "modules of the world are resources below worldsim://{world}/."
)

_Context = ServerRequestContext[Any, Any]
_Result = TypeVar("_Result")
# What the protocol's package calls a wrong type, and what it wanted.
_EXPECTED: Final = {
    "string_type": "string",
    "int_type": "integer",
    "bool_type": "boolean",
    "dict_type": "object",
    "model_type": "object",
    "list_type": "list",
}
_METHODS: Final = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
]

# The package tells of every request; what matters is in the records and our own lines.
logging.getLogger("mcp").setLevel(logging.WARNING)


def make_server(caller: AgentCaller, threads: Threads) -> Server[Any]:
    """Make the server that serves one agent.

    Args:
        caller: The agent, whose token was checked, or whom the operator runs.
        threads: Where what waits for the database is done.
    """
    faces = _Faces(caller, threads)
    server: Server[Any] = Server(
        _NAME,
        version="1",
        instructions=_INSTRUCTIONS.format(agent=caller.agent_id, world=caller.world.slug),
        # No argument of ours travels in a header, so there is nothing to compare.
        get_tool_input_schema=lambda _name: None,
        on_list_tools=faces.list_tools,
        on_call_tool=faces.call_tool,
        on_list_resources=faces.list_resources,
        on_list_resource_templates=faces.list_templates,
        on_read_resource=faces.read_resource,
    )
    server.middleware.append(_in_our_words)
    return server


async def _in_our_words(ctx: _Context, call_next: CallNext) -> HandlerResult:
    """Say of a request that nothing here serves what would be served, and name a wrong field."""
    try:
        return await call_next(ctx)
    except ValidationError as error:
        record = _record_of_params(error)
        raise MCPError.from_error_data(error_data(INVALID_PARAMS, record)) from None
    except MCPError as error:
        if error.error.code != METHOD_NOT_FOUND:
            raise
        facts = {"method": shown(ctx.method), "allowed": _METHODS}
        record = RejectionRecord("method_not_allowed", "method", facts)
        raise MCPError.from_error_data(error_data(METHOD_NOT_FOUND, record)) from None


def _record_of_params(error: ValidationError) -> RejectionRecord:
    """Give the first fault that the protocol's package found in a request's params."""
    first = error.errors(include_url=False, include_context=False)[0]
    path = [str(part) for part in first["loc"]]
    field = shown(".".join(path if path[:1] == ["params"] else ["params", *path]))
    if first["type"] == "missing":
        return RejectionRecord("missing_field", field, {"missing": [field]})
    expected = _EXPECTED.get(first["type"])
    if expected is None:
        return RejectionRecord("invalid_parameter", field, {})
    facts = {"expected": expected, "received_type": type_name(first["input"])}
    return RejectionRecord("wrong_type", field, facts)


class _Faces:
    """What the protocol may ask for, as one agent."""

    def __init__(self, caller: AgentCaller, threads: Threads) -> None:
        self._caller, self._threads = caller, threads

    async def list_tools(
        self, _context: _Context, _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=list(tools.listed_tools()))

    async def call_tool(self, context: _Context, params: CallToolRequestParams) -> CallToolResult:
        # The protocol's own reading of them hides what came twice under one name, and would
        # answer what is no object by an error that no model reads.
        text = arguments_of(context.request)
        try:
            key = tools.key_of(context.meta)
            return await self._threads.run(
                lambda: tools.called(self._caller, params.name, text, key)
            )
        except Exception as error:  # noqa: BLE001 - a model reads results, and nothing else
            return tools.failed(record_of_error(error))

    async def list_resources(
        self, _context: _Context, params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        cursor = None if params is None else params.cursor
        return await self._run(lambda: resources.list_resources(self._caller, cursor))

    async def list_templates(
        self, _context: _Context, _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        templates = resources.list_templates(self._caller)
        return ListResourceTemplatesResult(resource_templates=templates)

    async def read_resource(
        self, _context: _Context, params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        contents = await self._run(lambda: resources.read_resource(self._caller, params.uri))
        return ReadResourceResult(contents=[contents])

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        """Work on a thread; what goes wrong becomes an error that tells nothing of the host."""
        try:
            return await self._threads.run(work)
        except Exception as error:  # noqa: BLE001 - whatever it is, its code is told, not it
            raise protocol_error(record_of_error(error)) from None
