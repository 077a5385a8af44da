"""The tools as the protocol lists and calls them.

What they are is `protocol.tools`' matter, what they do that of the use cases.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from mcp_types import CallToolResult, TextContent, Tool

from lifecycle.access.callers import AgentCaller
from lifecycle.core.events import RejectionRecord
from lifecycle.protocol.tools import ToolFormat, tool_definitions
from lifecycle.usecases.errors import InvalidKeyError
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.tools import ToolCall, call_tool

CHANNEL: Final = "mcp"
KEY_NAME: Final = "worldsim/idempotency_key"
_COMPILING: Final = (
    'The compile goes on in the background. Call compile_result with {{"decision_id": "{id}"}} '
    "until its state is no longer queued or running."
)


@cache
def listed_tools() -> tuple[Tool, ...]:
    """Give every tool with its loose, flat schema and its hints."""
    return tuple(Tool.model_validate(one) for one in tool_definitions(ToolFormat.MCP))


def key_of(meta: Mapping[str, Any] | None) -> str | None:
    """Give the idempotency key of a call, where its `_meta` holds one.

    Raises:
        InvalidKeyError: it is no text; another type would be another key to another client.
    """
    key = None if meta is None else meta.get(KEY_NAME)
    if key is not None and not isinstance(key, str):
        raise InvalidKeyError(KEY_NAME)
    return key


def called(caller: AgentCaller, name: str, arguments: str, key: str | None) -> CallToolResult:
    """Call a tool for an agent and give its document, as text and as structure."""
    result = call_tool(ToolCall(caller.world, caller.agent_id, None, CHANNEL, name, arguments, key))
    return _result(result.document, is_error=result.is_error)


def failed(record: RejectionRecord) -> CallToolResult:
    """Give a call's failure as a result, for a model reads results and no protocol errors."""
    return _result({"rejection": rejection_document(record)}, is_error=True)


def _result(document: Document, *, is_error: bool) -> CallToolResult:
    texts = [json.dumps(document, ensure_ascii=False, separators=(",", ":"))]
    if document.get("status") == "compiling":
        texts.append(_COMPILING.format(id=document["id"]))
    return CallToolResult(
        content=[TextContent(text=text) for text in texts],
        structured_content=document,
        is_error=is_error,
    )
