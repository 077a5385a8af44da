"""What the scripted model answers, as values: a completion, and the manner of its delivery.

The constructors here are of a model that behaves; those that do not are in ``faulty_answers.py``
and ``faulty_replies.py``. Nothing here touches a socket.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

JSON_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call as it stands in the answer.

    ``arguments`` is a JSON text in every well-formed answer; whatever else it is goes onto the
    wire as it is. Without a ``call_id`` the server makes one that is unique to it.
    """

    name: object
    arguments: object
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What one choice of a completion says.

    ``more`` are further fields of the message, or others than OpenAI's for those given.
    ``choices`` is how often the choice is repeated: 0 is an answer without one.
    ``usage`` are the tokens of prompt and completion; None counts four characters as one.
    """

    content: object = None
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: object = "stop"
    more: Mapping[str, object] = field(default_factory=dict)
    choices: int = 1
    usage: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endless:
    """A body that goes on until the client hangs up: ``filler`` again and again."""

    filler: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The connection ends after so many bytes of the body; None is before the status line.

    ``reset`` ends it by a reset, as a crashed process or a firewall does; else it is closed.
    """

    after_bytes: int | None
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an answer is sent; seconds throughout.

    ``stall_s`` passes before the status line. The body is sent in pieces of ``piece_bytes``, with
    ``piece_pause_s`` between them; after ``pause_after_bytes`` of it ``pause_s`` pass once.
    """

    stall_s: float = 0.0
    pause_after_bytes: int | None = None
    pause_s: float = 0.0
    piece_bytes: int | None = None
    piece_pause_s: float = 0.0
    drop: Drop | None = None


Payload: TypeAlias = Completion | bytes | Endless


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the server, whole: payload, status, headers, delivery."""

    payload: Payload
    status: int = 200
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery()


def say(completion: Completion) -> Answer:
    """Answer with any completion, for what no constructor makes."""
    return Answer(payload=completion)


def text(content: str) -> Answer:
    """Answer with plain text."""
    return say(Completion(content=content))


def json_content(value: object) -> Answer:
    """Answer with a JSON value as the content, as ``response_format`` makes models do."""
    return text(json.dumps(value))


def call(name: str, arguments: Mapping[str, object] | str, call_id: str | None = None) -> Answer:
    """Answer with one tool call; arguments as an object, or as the raw text to send."""
    return say(calling(ToolCall(name=name, arguments=encoded(arguments), call_id=call_id)))


def calls(
    asked: Sequence[tuple[str, Mapping[str, object] | str]],
    call_ids: Sequence[str] | None = None,
    content: str | None = None,
) -> Answer:
    """Answer with several tool calls, given as name and arguments, and perhaps some text.

    Args:
        asked: The calls, in order.
        call_ids: An id for each; None lets the server make them.
        content: The text beside them.

    Raises:
        ValueError: There are not as many ids as calls.
    """
    ids = [None] * len(asked) if call_ids is None else list(call_ids)
    made = [
        ToolCall(name=name, arguments=encoded(arguments), call_id=call_id)
        for (name, arguments), call_id in zip(asked, ids, strict=True)
    ]
    return say(calling(*made, content=content))


def calling(*made: ToolCall, content: str | None = None) -> Completion:
    """Give the completion of calls, with the reason to finish that OpenAI gives for them."""
    return Completion(content=content, tool_calls=made, finish_reason="tool_calls")


def encoded(arguments: Mapping[str, object] | str) -> str:
    """Give arguments as the text that stands on the wire; a text is left as it is."""
    return arguments if isinstance(arguments, str) else json.dumps(dict(arguments))
