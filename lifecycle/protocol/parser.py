"""From bytes to a decision or a query, or to the fault that says why they hold none.

The steps live in their own files: `json_text`, `reply`, `calls`, `arguments`.
"""

from collections.abc import Callable, Collection
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from lifecycle.core.values import JsonObject, Value
from lifecycle.protocol.arguments import judge_arguments, take_agent_id
from lifecycle.protocol.calls import JSON_STARTS, unwrap
from lifecycle.protocol.json_text import JsonText, read_json, text_of
from lifecycle.protocol.malformed import Malformed, MalformedError, Repairs
from lifecycle.protocol.names import TOOL_NAME, TOOL_NAMES
from lifecycle.protocol.queries import Query, judge_query
from lifecycle.protocol.reply import FOUND_IN_TEXT, Candidate, Reply, read_reply
from lifecycle.protocol.schema import Decision

_NO_DECISION: Final = frozenset({"not_an_object", "no_decision_found"})


class Parsed(Value):
    """A well-formed decision.

    Attributes:
        decision: The decision, normalised.
        arguments: The JSON object as sent, after unwrapping; without the envelope's `agent_id`.
        repairs: What was mended: each a stable code, a colon and a phrase.
        tool_name: The one resolved name of the tool.
        agent_id: The agent that the body named, where it may.
    """

    decision: Decision
    arguments: JsonObject
    repairs: Repairs
    tool_name: str
    agent_id: str | None


Answer: TypeAlias = Parsed | Query


def parse_decision(
    body: bytes, *, text_reply: bool = False, takes_agent_id: bool = False
) -> Parsed | Malformed:
    """Read one decision.

    Args:
        body: JSON: the tool's arguments, a tool call of any provider, a message that holds one,
            or a JSON text of any of these. With `text_reply`, a model's raw reply.
        text_reply: Whether to look for the JSON in prose, fences and after thinking.
        takes_agent_id: Whether the arguments may name the agent that the sender acts for.
    """
    answer = _read(_Parser((TOOL_NAME,), takes_agent_id=takes_agent_id), body, text_reply)
    assert not isinstance(answer, Query)  # noqa: S101 - the parser takes no tool that asks
    return answer


def parse_answer(body: bytes, *, text_reply: bool = False) -> Answer | Malformed:
    """Read one answer of a model that may decide or ask: a decision, a query, or a fault.

    Args:
        body: As for `parse_decision`; a call of a query's tool is taken as well.
        text_reply: Whether to look for the JSON in prose, fences and after thinking.
    """
    return _read(_Parser(TOOL_NAMES, takes_agent_id=False), body, text_reply)


def parse_call(name: str, arguments: str) -> Answer | Malformed:
    """Read one tool call of a model, its arguments as the JSON text that came.

    A query without any argument may come with an empty text.
    """
    parser = _Parser(TOOL_NAMES, takes_agent_id=False)
    call = {"name": name, "arguments": arguments if arguments.strip() else {}}
    return _caught(parser, lambda: parser.parse_value(call))


def _read(parser: "_Parser", body: bytes, text_reply: bool) -> Answer | Malformed:  # noqa: FBT001 - handed on
    return _caught(
        parser, lambda: parser.parse_reply(body) if text_reply else parser.parse_body(body)
    )


def _caught(parser: "_Parser", read: Callable[[], Answer]) -> Answer | Malformed:
    try:
        return read()
    except MalformedError as error:
        fault = error.malformed
        return replace(fault, repairs=parser.repairs, agent_id=parser.agent_id)


class _Parser:
    """One reading, and what is known of it when a fault ends it."""

    def __init__(self, takes: Collection[str], *, takes_agent_id: bool) -> None:
        self._takes = takes
        self._takes_agent_id = takes_agent_id
        self.repairs: Repairs = ()
        self.agent_id: str | None = None

    def parse_body(self, body: bytes) -> Answer:
        text, self.repairs = text_of(body)
        return self._parse_json(read_json(text))

    def parse_reply(self, body: bytes) -> Answer:
        text, self.repairs = text_of(body)
        whole = _read_whole(text)
        if whole is not None:
            return self._parse_json(whole)
        reply = read_reply(text)
        self.repairs += reply.repairs
        chosen = self._choose(reply)
        self.repairs += (FOUND_IN_TEXT,)
        return replace(chosen, repairs=self.repairs + chosen.repairs)

    def _parse_json(self, read: JsonText) -> Answer:
        value, repairs = read
        self.repairs += repairs
        answer = self.parse_value(value)
        return replace(answer, repairs=self.repairs + answer.repairs) if self.repairs else answer

    def parse_value(self, value: Any) -> Answer:  # noqa: ANN401 - any JSON value
        call = unwrap(value, takes=self._takes)
        if call.tool_name != TOOL_NAME:
            judged_query = judge_query(call.tool_name, call.arguments)
            return Query(call.tool_name, judged_query, call.repairs)
        arguments, agent_id = call.arguments, None
        if self._takes_agent_id:
            arguments = dict(arguments)
            agent_id = self.agent_id = take_agent_id(arguments)
        judged = judge_arguments(arguments)
        repairs = call.repairs + judged.repairs
        return Parsed(judged.decision, arguments, repairs, call.tool_name, agent_id)

    def _choose(self, reply: Reply) -> Answer:
        """Take the one answer of a reply; with two different ones, or a doubt, take none."""
        matches, faults = self._judge(reply.candidates)
        if len(reply.candidates) > 1:
            self.agent_id = None  # of which of them it would be is not known
        different = _without_repeats([parsed for parsed, _ in matches])
        fenced = any(candidate.fenced for _, candidate in matches)
        doubt = _doubt_about(reply, faults, len(different), fenced=fenced)
        if doubt is not None:
            raise doubt
        if matches and all(candidate.quoted for _, candidate in matches):
            raise MalformedError("ambiguous_decision", None, {"seen": 1, "quoted": True})
        if different:
            return different[0]
        raise _why_none(faults, reply)

    def _judge(
        self, candidates: list[Candidate]
    ) -> tuple[list[tuple[Answer, Candidate]], list[MalformedError]]:
        matches, faults = [], []
        for candidate in candidates:
            try:
                parsed = self.parse_value(candidate.value)
            except MalformedError as error:
                faults.append(error)
            else:
                parsed = replace(parsed, repairs=candidate.repairs + parsed.repairs)
                matches.append((parsed, candidate))
        return matches, faults


def _read_whole(text: str) -> JsonText | None:
    """Read a reply that is JSON from its beginning to its end; `None` where it is something else.

    Raises:
        MalformedError: ``truncated``: it is JSON from its beginning, and its end is missing.
    """
    if text.lstrip()[:1] not in JSON_STARTS:
        return None
    try:
        return read_json(text)
    except MalformedError as error:
        if error.malformed.code == "truncated":
            raise
        return None


def _without_repeats(matches: list[Answer]) -> list[Answer]:
    different: list[Answer] = []
    for answer in matches:
        if all(_meaning(answer) != _meaning(known) for known in different):
            different.append(answer)
    return different


def _meaning(answer: Answer) -> object:
    """Give what two answers that ask for the same have in common."""
    return answer.decision if isinstance(answer, Parsed) else (answer.tool_name, answer.arguments)


def _doubt_about(
    reply: Reply, faults: list[MalformedError], different: int, *, fenced: bool
) -> MalformedError | None:
    """Say why no decision of a reply may be taken, although one may be there."""
    for fault in faults:
        if fault.malformed.code == "too_many_decisions":
            return fault
    if reply.cut_off is not None:
        return reply.cut_off
    if different > 1:
        return MalformedError("ambiguous_decision", None, {"seen": different})
    for broken in reply.broken:
        # A decision in a fence is meant; what stands in prose beside it may be a sketch.
        if broken.names_decision and (broken.meant or not fenced):
            return broken.error
    return None


def _why_none(faults: list[MalformedError], reply: Reply) -> MalformedError:
    """Pick the fault of the value that came nearest to a decision."""
    for error in faults:
        fault = error.malformed
        if fault.code not in _NO_DECISION and "decision" not in fault.facts.get("missing", ()):
            return error
    if len(faults) == 1:
        return faults[0]
    if reply.broken:
        return reply.broken[0].error
    return MalformedError("no_decision_found", None, {"seen": len(faults)})
