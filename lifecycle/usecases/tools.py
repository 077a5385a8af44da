"""Call any of the tools for one agent: the same by REST, by MCP and in a model's turn.

What the tools are, and how their arguments are judged, is the protocol's matter.
"""

import json
from typing import NamedTuple, assert_never

from lifecycle.access.callers import SeenWorld
from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.names import QUERY_TOOL_NAMES, find_tool
from lifecycle.protocol.parser import parse_call
from lifecycle.protocol.queries import (
    CompileResultArguments,
    GuideArguments,
    ObservationArguments,
    Query,
    StatusArguments,
)
from lifecycle.usecases.errors import UseCaseError
from lifecycle.usecases.queries.compile_results import compile_result
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.guide import world_rules_guide
from lifecycle.usecases.queries.observation import world_observation
from lifecycle.usecases.queries.status import StatusQuery, module_lifecycle_status
from lifecycle.usecases.receive import Delivery, receive

_REFUSED = frozenset({"rejected", "malformed"})


class ToolCall(NamedTuple):
    """A call on its way in.

    Attributes:
        world: The world, which the caller is known to see.
        agent_id: The agent that calls, or that an account acts for.
        account: The account's name, where one calls.
        channel: How it came.
        name: The tool's name as sent.
        arguments: The arguments as JSON text, as sent.
        key: The idempotency key of a decision.
    """

    world: SeenWorld
    agent_id: AgentId
    account: str | None
    channel: str
    name: str
    arguments: str
    key: str | None = None


class ToolResult(NamedTuple):
    """What a call gave: a document, and whether that says why nothing was done."""

    document: Document
    is_error: bool


def call_tool(call: ToolCall) -> ToolResult:
    """Call a tool. A decision is received and recorded like any other; a query is answered.

    Raises:
        WorldNotFoundError: no such world.
    """
    try:
        return _call(call)
    except UseCaseError as error:
        return _error(RejectionRecord(error.code, error.field, error.facts))


def _call(call: ToolCall) -> ToolResult:
    if find_tool(call.name) not in QUERY_TOOL_NAMES:
        return _decide(call)
    query = parse_call(call.name, call.arguments)
    if isinstance(query, Query):
        return ToolResult(answer_query(call.world, call.agent_id, query), is_error=False)
    assert isinstance(query, Malformed)  # noqa: S101 - a query's name gives no decision
    return _error(RejectionRecord(query.code, query.field, query.facts))


def _decide(call: ToolCall) -> ToolResult:
    body = json.dumps({"name": call.name, "arguments": call.arguments}).encode()
    receipt = receive(
        Delivery(
            world=call.world.slug,
            agent_id=call.agent_id,
            account=call.account,
            channel=call.channel,
            body=body,
            key=call.key,
        )
    )
    return ToolResult(receipt.document, receipt.status in _REFUSED)


def _error(record: RejectionRecord) -> ToolResult:
    return ToolResult({"rejection": rejection_document(record)}, is_error=True)


def answer_query(world: SeenWorld, agent_id: AgentId, query: Query) -> Document:
    """Answer a query of an agent.

    Raises:
        WorldNotFoundError: no such world.
        NotFoundError: what is asked for is not there.
        InvalidParameterError: an argument is not what it must be.
    """
    match query.arguments:
        case StatusArguments() as given:
            asked = StatusQuery(
                given.module_id, given.limit_artifacts, given.limit_installed, given.cursor
            )
            return module_lifecycle_status(world, asked)
        case ObservationArguments():
            return world_observation(world, agent_id)
        case GuideArguments(decision=decision):
            return world_rules_guide(world.slug, decision)
        case CompileResultArguments(decision_id=decision_id):
            return compile_result(world, agent_id, decision_id)
        case _:
            assert_never(query.arguments)
