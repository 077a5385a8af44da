"""From the arguments of a call to a decision: names, blanks, nulls, then the schema's judgement.

Reading JSON and finding the arguments in a reply is not done here.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lifecycle.core.ids import ID_RULE, is_id
from lifecycle.core.values import JsonObject
from lifecycle.protocol.fields import LARGEST_INTEGER
from lifecycle.protocol.json_text import InexactNumber, dotted
from lifecycle.protocol.malformed import MalformedError, Repairs
from lifecycle.protocol.names import DECISION_ALIASES, DECISION_NAMES
from lifecycle.protocol.schema import MODELS, CompileDecision, Decision, json_types
from lifecycle.protocol.shown import shown, shown_names, type_name

AGENT_ID: Final = "agent_id"
_DECISION: Final = "decision"

# Only the plain decimal spelling: no sign, no leading zero, no separator, no exponent.
_PLAIN_INTEGER: Final = re.compile(r"0|[1-9][0-9]*")
_MOST_DIGITS: Final = len(str(LARGEST_INTEGER))

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "string",
    "int_type": "integer",
    "bool_type": "boolean",
    "dict_type": "object",
}
_OUT_OF_RANGE: Final = frozenset({"greater_than_equal", "less_than_equal", "string_too_long"})


class Judged(NamedTuple):
    """A decision and what had to be mended to get it."""

    decision: Decision
    repairs: Repairs


class _Fields(NamedTuple):
    """What tidying needs to know of a decision's fields, read off its schema once."""

    names: frozenset[str]
    required: frozenset[str]
    texts: frozenset[str]
    integers: frozenset[str]


def _fields_of(name: str) -> _Fields:
    types = json_types(name)
    required = {field for field, info in MODELS[name].model_fields.items() if info.is_required()}
    return _Fields(
        frozenset(types),
        frozenset(required),
        frozenset(field for field, kind in types.items() if kind == "string"),
        frozenset(field for field, kind in types.items() if kind == "integer"),
    )


_FIELDS: Final = {name: _fields_of(name) for name in DECISION_NAMES}
_ALL_NAMES: Final = frozenset().union(*(fields.names for fields in _FIELDS.values()))


def judge_arguments(arguments: Mapping[str, Any]) -> Judged:
    """Give the decision that a call's arguments hold.

    Raises:
        MalformedError: they hold none; the fault names the field.
    """
    name = _decision_name(arguments)
    fields = _FIELDS[name]
    _check_names(arguments, name, fields)
    own = {field: value for field, value in arguments.items() if field in fields.names}
    tidied, repairs = _tidied(own, fields)
    if tidied[_DECISION] != name:
        spelling = shown(tidied[_DECISION])
        repairs.append(f"decision_alias: read {spelling} as {name}")
        tidied[_DECISION] = name
    try:
        decision = MODELS[name].model_validate(tidied)
    except ValidationError as error:
        raise fault_of(error.errors(include_url=False)[0]) from None
    if isinstance(decision, CompileDecision):
        _check_declared_size(decision)
    return Judged(decision, tuple(repairs))


def take_agent_id(arguments: dict[str, Any]) -> str | None:
    """Take the envelope's field off the arguments.

    Raises:
        MalformedError: it is there and no agent id.
    """
    value = arguments.pop(AGENT_ID, None)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong_type(AGENT_ID, "string", value)
    agent_id = value.strip()
    if agent_id and not is_id(agent_id):
        facts = {"received": shown(agent_id), "accepted": ID_RULE}
        raise MalformedError("invalid_id", AGENT_ID, facts)
    return agent_id or None


def _decision_name(arguments: Mapping[str, Any]) -> str:
    spelling = arguments.get(_DECISION)
    if spelling is None:
        unknown = sorted(arguments.keys() - _ALL_NAMES)
        if unknown:
            raise _unknown_field(unknown, [_DECISION], _ALL_NAMES)
        raise MalformedError("missing_field", _DECISION, _missing([_DECISION]))
    if not isinstance(spelling, str):
        raise _wrong_type(_DECISION, "string", spelling)
    if not spelling.strip():
        raise MalformedError("empty_field", _DECISION, {"decisions": list(DECISION_NAMES)})
    name = DECISION_ALIASES.get(spelling.strip())
    if name is None:
        facts = {"received": shown(spelling), "decisions": list(DECISION_NAMES)}
        raise MalformedError("unknown_decision", _DECISION, facts)
    return name


def _check_names(arguments: Mapping[str, Any], name: str, fields: _Fields) -> None:
    given = {field for field, value in arguments.items() if value is not None}
    missing = sorted(fields.required - given)
    unknown = sorted(
        field
        for field in arguments.keys() - fields.names
        if not (field in _ALL_NAMES and _is_blank(arguments[field]))
    )
    if unknown:
        raise _unknown_field(unknown, missing, fields.names, name)
    if missing:
        raise MalformedError("missing_field", missing[0], _missing(missing, name))


def _is_blank(value: object) -> bool:
    """Say whether a value stands for none: strict modes demand every field of every decision."""
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())


def _missing(missing: list[str], name: str | None = None) -> JsonObject:
    facts: JsonObject = {"missing": missing}
    if name is None:
        return {**facts, "decisions": list(DECISION_NAMES)}
    return {**facts, "decision": name, "required": sorted(_FIELDS[name].required)}


def _unknown_field(
    unknown: list[str], missing: list[str], known: frozenset[str], name: str | None = None
) -> MalformedError:
    facts: JsonObject = {
        "unknown": shown_names(unknown),
        "missing": missing,
        "accepted": sorted(known),
    }
    if name is not None:
        facts["decision"] = name
    return MalformedError("unknown_field", shown(unknown[0]), facts)


def _tidied(arguments: Mapping[str, Any], fields: _Fields) -> tuple[dict[str, Any], list[str]]:
    """Trim texts, drop nulls and blanks of optional fields, read integers written as text."""
    tidied: dict[str, Any] = {}
    repairs: list[str] = []
    for field, value in arguments.items():
        if isinstance(value, str):
            text = value.strip()
            if text and field in fields.integers:
                tidied[field] = _integer_of(field, value)
                repairs.append(f"integer_from_text: read the text in {field} as an integer")
            elif text:
                tidied[field] = text
            elif field in fields.required and field in fields.texts:
                raise MalformedError("empty_field", field)
            elif field in fields.required:
                tidied[field] = value
        elif value is not None:
            tidied[field] = value
    return tidied, repairs


def _integer_of(field: str, text: str) -> int:
    if _PLAIN_INTEGER.fullmatch(text) is None:
        raise _wrong_type(field, "integer", text)
    if len(text) > _MOST_DIGITS:
        facts = {"digits": len(text), "maximum": LARGEST_INTEGER}
        raise MalformedError("out_of_range", field, facts)
    return int(text)


def _wrong_type(field: str, expected: str, value: object) -> MalformedError:
    facts: JsonObject = {"expected": expected, "received_type": type_name(value)}
    if isinstance(value, InexactNumber):
        facts["received"] = shown(value.written)
    elif isinstance(value, str):
        facts["received"] = shown(value)
    return MalformedError("wrong_type", field, facts)


def fault_of(details: ErrorDetails) -> MalformedError:
    """Turn a schema's complaint into a fault."""
    kind, value = details["type"], details["input"]
    field = dotted(tuple(str(part) for part in details["loc"])) or ""
    if kind in _EXPECTED:
        return _wrong_type(field, _EXPECTED[kind], value)
    context = details.get("ctx", {})
    if kind in _OUT_OF_RANGE:
        return MalformedError("out_of_range", field, _range_facts(context, value))
    received = shown(value) if isinstance(value, str) else type_name(value)
    return MalformedError(kind, field, {**context, "received": received})


def _range_facts(context: Mapping[str, Any], value: object) -> JsonObject:
    if isinstance(value, str):
        return {"characters": len(value), "maximum": context["max_length"]}
    if "ge" in context:
        return {"received": str(value), "minimum": context["ge"]}
    return {"received": str(value), "maximum": context["le"]}


def _check_declared_size(decision: CompileDecision) -> None:
    """Refuse a package that is not what its sender says it is: it was cut off on the way."""
    files, size_bytes = decision.source_file_count, decision.source_total_bytes
    texts = decision.source_files.values()
    if files is not None and files != len(texts):
        raise _cut_off("source_file_count", files, len(texts))
    if size_bytes is not None:
        received = sum(len(text.encode()) for text in texts)
        if size_bytes != received:
            raise _cut_off("source_total_bytes", size_bytes, received)


def _cut_off(field: str, declared: int, received: int) -> MalformedError:
    return MalformedError("truncated", field, {"declared": declared, "received": received})
