"""From a JSON value to the arguments of the one call in it: envelopes and double encoding.

Judging the arguments is not done here.
"""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from lifecycle.protocol.json_text import read_json
from lifecycle.protocol.malformed import MalformedError, Repairs
from lifecycle.protocol.names import TOOL_NAME, TOOL_NAMES, find_tool
from lifecycle.protocol.shown import shown, type_name

DOUBLE_ENCODED: Final = "double_encoded: read the JSON inside of a JSON text"

_MOST_UNWRAPPED: Final = 3
JSON_STARTS: Final = frozenset('{["')
_NAME_KEYS: Final = ("name", "tool", "function")
_ARGUMENT_KEYS: Final = ("arguments", "input", "parameters")


class Call(NamedTuple):
    """The arguments as sent, the resolved name of the tool, and the repairs."""

    arguments: dict[str, Any]
    tool_name: str
    repairs: Repairs


def unwrap(value: Any, *, takes: Collection[str] = (TOOL_NAME,)) -> Call:  # noqa: ANN401 - any JSON value
    """Find the one call in a JSON value: arguments, a tool call, or a message that holds one.

    Args:
        value: A value as read from JSON.
        takes: The tools that may be called; arguments without a name are the first one's.

    Raises:
        MalformedError: there is none, there are several, or it calls another tool.
    """
    value, repairs = _decoded(value)
    value = _only_call(value)
    call = _name_and_arguments(value)
    name = next(iter(takes))
    if call is not None:
        spelling, value = call
        name, aliased = _tool_of(spelling, takes)
        repairs += aliased
        value, more = _decoded(value)
        # In a call, arguments as one JSON text are the usual form and no repair.
        repairs += more[1:]
    if not isinstance(value, dict):
        raise MalformedError("not_an_object", None, {"received_type": type_name(value)})
    return Call(value, name, repairs)


def _decoded(value: Any) -> tuple[Any, Repairs]:  # noqa: ANN401 - any JSON value
    repairs: Repairs = ()
    # A text that does not even begin like one of these is a text, not JSON that is malformed.
    while isinstance(value, str) and value.lstrip()[:1] in JSON_STARTS:
        if len(repairs) >= _MOST_UNWRAPPED:
            break
        value, mended = read_json(value)
        repairs += (DOUBLE_ENCODED, *mended)
    return value, repairs


def _only_call(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    seen = _count(value)
    if seen > 1:
        raise MalformedError("too_many_decisions", None, {"seen": seen})
    calls = _calls_in(value)
    if calls is None:
        return value
    if len(calls) == 1:
        return calls[0]
    if calls:
        raise MalformedError("too_many_decisions", None, {"seen": len(calls)})
    raise MalformedError("no_decision_found", None, {"seen": 0})


def _calls_in(value: Any) -> list[Any] | None:  # noqa: ANN401 - any JSON value
    """Give the calls of a list or a message; `None` where the value is neither."""
    if isinstance(value, list):
        calls = [item for item in value if _is_decision(item) or _name_and_arguments(item)]
        return calls if calls and not (len(calls) == 1 and _is_decision(calls[0])) else None
    if not isinstance(value, dict) or _is_decision(value):
        return None
    if isinstance(value.get("tool_calls"), list):
        return list(value["tool_calls"])
    if isinstance(value.get("function_call"), dict):
        return [value["function_call"]]
    if isinstance(value.get("content"), list):
        return [block for block in value["content"] if _name_and_arguments(block)]
    return None


def _count(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """Count the calls and decisions in a value, wherever they stand: no form hides a second one.

    What a call's arguments hold is its own, and texts are remarks.
    """
    if isinstance(value, list):
        return sum(_count(item) for item in value)
    if not isinstance(value, dict) or _is_decision(value):
        return int(_is_decision(value))
    own = _ARGUMENT_KEYS if any(isinstance(value.get(key), str) for key in _NAME_KEYS) else ()
    several = sum(value.get(key) is not None for key in own)
    return several + sum(_count(item) for key, item in value.items() if key not in own)


def _is_decision(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, dict) and "decision" in value


def _name_and_arguments(value: Any) -> tuple[str, Any] | None:  # noqa: ANN401 - any JSON value
    """Read a tool call of any provider's form; `None` where the value is none."""
    if not isinstance(value, dict) or _is_decision(value):
        return None
    inner = value["function"] if isinstance(value.get("function"), dict) else value
    arguments = [inner[key] for key in _ARGUMENT_KEYS if key in inner]
    names = [
        one[key] for one in (inner, value) for key in _NAME_KEYS if isinstance(one.get(key), str)
    ]
    if not arguments or not names:
        return None
    if len(set(names)) > 1:
        raise MalformedError("too_many_decisions", None, {"seen": len(set(names))})
    return names[0], arguments[0]


def _tool_of(spelling: str, takes: Collection[str]) -> tuple[str, Repairs]:
    name = find_tool(spelling)
    if name is None or name not in takes:
        facts = {"received": shown(spelling), "tools": list(TOOL_NAMES), "takes": list(takes)}
        raise MalformedError("unknown_tool", None, facts)
    if spelling == name:
        return name, ()
    return name, (f"tool_alias: read {shown(spelling)} as {name}",)
