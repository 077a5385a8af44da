"""A server's completion, read as what the model said, or as the fault that there is instead.

Servers differ in what they leave out, so nothing is taken for granted. What an answer means is
not judged here.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import orjson

from lifecycle.core.values import JsonObject
from lifecycle.protocol.shown import shown

_FILTERED: Final = "content_filter"


class ReplyCall(NamedTuple):
    """One tool call: name and arguments as sent, the latter as text."""

    name: str
    arguments: str


class Cost(NamedTuple):
    """What a call of the model took; tokens are `None` where the server does not tell."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: int = 0
    tries: int = 1


class ModelReply(NamedTuple):
    """What a model said."""

    content: str
    calls: tuple[ReplyCall, ...]
    finish_reason: str
    cost: Cost


class ModelFault(NamedTuple):
    """Why there is no answer of the model: a stable code with its facts, worded elsewhere."""

    code: str
    facts: JsonObject
    cost: Cost = Cost()
    said: str = ""


def read_completion(body: bytes, secret: str) -> ModelReply | ModelFault:
    """Read the body of a completion.

    Args:
        body: As it came, of bounded size.
        secret: What must not be in anything that is kept; a server may send it back.
    """
    try:
        document = without_secret(orjson.loads(body), secret)
    except (ValueError, RecursionError):
        return ModelFault("model_error", {"said": "a body that is not JSON, or too deep"})
    choice = _first(document.get("choices") if isinstance(document, dict) else None)
    message = choice.get("message")
    if not isinstance(message, dict):
        return ModelFault("model_error", {"said": _told(document)})
    cost = _cost(document.get("usage"))
    refusal, finish_reason = _text(message.get("refusal")), _text(choice.get("finish_reason"))
    if refusal or finish_reason == _FILTERED:
        said = refusal or _content(message.get("content"))
        return ModelFault("model_refused", {"said": shown(said or _FILTERED)}, cost, said)
    return ModelReply(_content(message.get("content")), _calls(message), finish_reason, cost)


def without_secret(value: Any, secret: str) -> Any:  # noqa: ANN401 - any JSON value
    """Give a JSON value with a secret struck out of all of its texts."""
    if not secret:
        return value
    match value:
        case str():
            return _spellings(secret).sub("[key]", value)
        case list():
            return [without_secret(item, secret) for item in value]
        case dict():
            return {
                without_secret(key, secret): without_secret(item, secret)
                for key, item in value.items()
            }
        case _:
            return value


@cache
def _spellings(secret: str) -> re.Pattern[str]:
    """Match a secret as it stands in a text, and as JSON within that text may write it."""
    # A run of backslashes is looked at from its beginning alone, so that a long one costs little.
    escape = r"(?<!\\)\\++"
    letters = (
        rf"(?:{re.escape(one)}|{escape}(?:u(?i:{ord(one):04x})|{re.escape(one)}))" for one in secret
    )
    return re.compile("".join(letters))


def _told(document: object) -> str:
    error = document.get("error") if isinstance(document, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return shown(message if isinstance(message, str) else "a completion without a message")


def _first(choices: object) -> Mapping[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _content(content: object) -> str:
    """Give the text of a message, whichever of its two forms it has."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return _text(content)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _calls(message: Mapping[str, Any]) -> tuple[ReplyCall, ...]:
    listed = message.get("tool_calls")
    entries = listed if isinstance(listed, list) else ()
    calls = [call.get("function") for call in entries if isinstance(call, dict)]
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [message["function_call"]]
    return tuple(
        ReplyCall(_text(call.get("name")), _arguments(call.get("arguments")))
        for call in calls
        if isinstance(call, dict)
    )


def _arguments(arguments: object) -> str:
    """Give arguments as text; some servers send the object itself."""
    return arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()


def _cost(usage: object) -> Cost:
    told = usage if isinstance(usage, dict) else {}
    return Cost(_count(told.get("prompt_tokens")), _count(told.get("completion_tokens")))


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return int(value) if is_count and isinstance(value, int) else None
