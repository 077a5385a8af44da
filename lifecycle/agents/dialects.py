"""The three ways of asking a model: tool calls, a JSON schema for the answer, plain text.

Each gives the fields of a request, and reads a reply as decisions, queries and faults. What
follows from those is the turn's matter.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from lifecycle.agents.replies import ModelReply, ReplyCall
from lifecycle.core.values import JsonObject
from lifecycle.protocol.bounded import bounded_answer_schema
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.names import TOOL_NAME, find_tool
from lifecycle.protocol.parser import Parsed, parse_answer, parse_call
from lifecycle.protocol.prompt_budget import estimate_tokens
from lifecycle.protocol.prompt_templates import Dialect
from lifecycle.protocol.queries import Query
from lifecycle.protocol.tools import ToolFormat, strict_answer_schema, tool_definitions

Answer: TypeAlias = Parsed | Query | Malformed

_CUT_OFF: Final = "length"
_NOT_READ: Final = "(This answer could not be read.)"


class Said(NamedTuple):
    """One thing that a reply says: what it means, and whether it came as a tool call."""

    answer: Answer
    is_call: bool

    @property
    def tool_name(self) -> str:
        """Give the one resolved name of the tool that is meant."""
        return TOOL_NAME if isinstance(self.answer, Malformed) else self.answer.tool_name


def may_ask(dialect: Dialect) -> bool:
    """Say whether a model can ask queries: not where a schema holds it to a decision."""
    return dialect is not Dialect.JSON_SCHEMA


@cache
def request_fields(
    dialect: Dialect, *, strict: bool, only_decide: bool, answer_tokens: int
) -> JsonObject:
    """Give the fields of a request beside its model and its messages.

    Args:
        dialect: How the model is asked.
        strict: Whether tools, or the answer's schema, stand in the providers' strict form.
        only_decide: Whether the tools that ask are left out.
        answer_tokens: Tokens that the answer may have.

    Returns:
        One object for every request of its kind; it is not changed.
    """
    match dialect:
        case Dialect.TOOLS:
            tools = tool_definitions(ToolFormat.OPENAI, strict=strict)
            return {"tools": tools[:1] if only_decide else tools, "tool_choice": "required"}
        case Dialect.JSON_SCHEMA:
            schema = strict_answer_schema() if strict else bounded_answer_schema(answer_tokens)
            wanted = {"name": "decision", "strict": strict, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        case Dialect.TEXT:
            return {}


@cache
def tokens_beside(dialect: Dialect, *, strict: bool, answer_tokens: int) -> int:
    """Estimate the tokens that a request takes beside its messages."""
    fields = request_fields(dialect, strict=strict, only_decide=False, answer_tokens=answer_tokens)
    return estimate_tokens(json.dumps(fields)) if fields else 0


def read_reply(reply: ModelReply) -> list[Said]:
    """Read a reply: its calls where it has some, its text otherwise.

    A reply that was cut off by its limit of tokens is one fault, whatever it holds.
    """
    if reply.finish_reason == _CUT_OFF:
        facts = {"problem": "the answer reached its limit of tokens"}
        return [Said(Malformed("truncated", None, facts), is_call=False)]
    if reply.calls:
        return [Said(parse_call(call.name, call.arguments), is_call=True) for call in reply.calls]
    answer = parse_answer(reply.content.encode(), text_reply=True)
    return [Said(answer, is_call=False)]


def raw_text(reply: ModelReply) -> str:
    """Give what a model said as one text, to be kept."""
    if not reply.calls:
        return reply.content
    calls = [{"name": call.name, "arguments": call.arguments} for call in reply.calls]
    return json.dumps({"content": reply.content, "tool_calls": calls}, ensure_ascii=False)


def call_messages(
    calls: Sequence[ReplyCall], said: Sequence[Said], results: Sequence[str], step: int
) -> list[dict[str, Any]]:
    """Write a reply of tool calls and their results as the messages that follow it.

    They are made anew from what was understood, so they are well-formed whatever came.
    """
    ids = [f"call_{step}_{place}" for place in range(1, len(said) + 1)]
    functions = [
        {"name": find_tool(call.name) or one.tool_name, "arguments": _arguments(one.answer)}
        for call, one in zip(calls, said, strict=True)
    ]
    asked = [
        {"id": call_id, "type": "function", "function": function}
        for call_id, function in zip(ids, functions, strict=True)
    ]
    answered = [
        {"role": "tool", "tool_call_id": call_id, "content": result}
        for call_id, result in zip(ids, results, strict=True)
    ]
    return [{"role": "assistant", "content": None, "tool_calls": asked}, *answered]


def text_messages(said: Said, result: str) -> list[dict[str, Any]]:
    """Write a reply of plain text and what it is told as the messages that follow it."""
    answer = said.answer
    content = _NOT_READ
    if isinstance(answer, Query):
        content = json.dumps({"tool": answer.tool_name, "arguments": query_arguments(answer)})
    elif isinstance(answer, Parsed):
        content = _arguments(answer)
    return [{"role": "assistant", "content": content}, {"role": "user", "content": result}]


def query_arguments(query: Query) -> JsonObject:
    """Give the arguments of a query that were given, as JSON."""
    return query.arguments.model_dump(mode="json", exclude_none=True)


def _arguments(answer: Answer) -> str:
    match answer:
        case Parsed():
            return json.dumps(answer.arguments)
        case Query():
            return json.dumps(query_arguments(answer))
        case Malformed():
            return "{}"
