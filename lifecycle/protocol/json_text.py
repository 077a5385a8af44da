"""Strict JSON: what every reader of JSON would read the same way, or a fault with its place.

Refused besides what is no JSON: duplicate names, NaN and Infinity, integers past 2**53 - 1, lone
surrogates, invalid UTF-8, deep nesting. Nothing here knows what the JSON means.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Self

from lifecycle.core.values import JsonObject
from lifecycle.protocol.malformed import MalformedError, Repairs
from lifecycle.protocol.shown import shown

DEEPEST: Final = 32
TRAILING_COMMA: Final = "trailing_comma: took out a comma before a closing bracket"
BYTE_ORDER_MARK: Final = "byte_order_mark: took off the mark before the text"

_LARGEST_INTEGER: Final = 2**53 - 1
_MOST_DIGITS: Final = len(str(_LARGEST_INTEGER))
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_BRACKETS: Final = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
# A comma that closes nothing: not one after an opening bracket, a colon or another comma.
_COMMAS: Final = re.compile(rf"{_STRING}|[\[{{,:]\s*+,|(?P<comma>,)(?=\s*+[\]}}])", re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What is left where a text was cut off within a literal or a number.
_CUT_OFF: Final = re.compile(r"\s*(?:|-|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|\.|\.?\d*[eE][+-]?)")
_CUT_ESCAPE: Final = len("u1234")


class JsonText(NamedTuple):
    """A JSON value and what had to be mended to read it."""

    value: Any
    repairs: Repairs


class InexactNumber(float):
    """A number with a fraction or an exponent, as it was `written`; no decision takes one."""

    written: str

    def __new__(cls, written: str) -> Self:
        """Keep the text."""
        number = super().__new__(cls, written)
        number.written = written
        return number


class _OddityError(Exception):
    """A value that is well-formed but refused; a second, slower reading says where it is."""


class _Odd:
    """Stands where a refused value stood, until its path is known."""

    def __init__(self, code: str, facts: JsonObject) -> None:
        self.code = code
        self.facts = facts


def _integer(digits: str) -> int:
    # Python refuses to convert thousands of digits, and takes long for hundreds.
    if len(digits) <= _MOST_DIGITS + 1 and -_LARGEST_INTEGER <= int(digits) <= _LARGEST_INTEGER:
        return int(digits)
    raise _OddityError


def _integer_or_odd(digits: str) -> "int | _Odd":
    try:
        return _integer(digits)
    except _OddityError:
        facts = {"digits": len(digits.lstrip("-")), "maximum": _LARGEST_INTEGER}
        return _Odd("out_of_range", facts)


def _constant(name: str) -> Any:  # noqa: ANN401 - never returns; the hook's type
    raise _OddityError(name)


def _odd_constant(name: str) -> _Odd:
    return _Odd("invalid_number", {"received": name})


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise _OddityError
    return value


def _object_or_odd(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for name, member in members:
        value[name] = _Odd("duplicate_key", {"key": shown(name)}) if name in value else member
    return value


# Made once: making a decoder costs more than reading a small body.
_FAST: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=InexactNumber,
    parse_constant=_constant,
)
_SLOW: Final = json.JSONDecoder(
    object_pairs_hook=_object_or_odd,
    parse_int=_integer_or_odd,
    parse_float=InexactNumber,
    parse_constant=_odd_constant,
)


def text_of(encoded: bytes) -> JsonText:
    """Decode UTF-8, without the byte order mark.

    Raises:
        MalformedError: ``invalid_utf8``, naming the field where the text is JSON otherwise.
    """
    repairs: Repairs = ()
    if encoded.startswith(BOM_UTF8):
        encoded = encoded.removeprefix(BOM_UTF8)
        repairs = (BYTE_ORDER_MARK,)
    try:
        return JsonText(encoded.decode(), repairs)
    except UnicodeDecodeError as error:
        field = _field_with_bad_bytes(encoded.decode(errors="surrogateescape"))
        raise MalformedError("invalid_utf8", field, {"at_byte": error.start}) from None


def _field_with_bad_bytes(text: str) -> str | None:
    try:
        _require_depth(text)
        return dotted(_find_surrogate(_SLOW.decode(text), ()) or ())
    except (json.JSONDecodeError, MalformedError):
        return None


def read_json(text: str) -> JsonText:
    """Read one JSON value, and nothing after it.

    Raises:
        MalformedError: the text is not such JSON; for faults of form ``facts`` hold ``line`` and
            ``column``, from 1.
    """
    _require_depth(text)
    try:
        return JsonText(_decode(text), ())
    except json.JSONDecodeError as error:
        fault = _fault_of(text, error)
    mended = _without_trailing_commas(text)
    if mended is None:
        raise fault
    try:
        return JsonText(_decode(mended), (TRAILING_COMMA,))
    except json.JSONDecodeError:
        raise fault from None


def balanced_end(text: str, start: int, stop: int) -> int | None:
    """Find the end of the object or list that opens at `start`.

    Args:
        text: Any text.
        start: Where an opening bracket stands.
        stop: Where to give up.

    Returns:
        The index after the closing bracket; `None` where it does not close before `stop`.
    """
    depth = 0
    for found in _BRACKETS.finditer(text, start, stop):
        bracket = found[0]
        if bracket in {"{", "["}:
            depth += 1
        elif bracket in {"}", "]"}:
            depth -= 1
            if depth == 0:
                return found.end()
    return None


def _decode(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        value = _FAST.decode(text)
    except _OddityError:
        raise _located_oddity(_SLOW.decode(text)) from None
    if "\\ud" in text or "\\uD" in text:
        path = _find_surrogate(value, ())
        if path is not None:
            facts = {"problem": "lone_surrogate"}
            raise MalformedError("invalid_utf8", dotted(path), facts)
    return value


def _require_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for found in _BRACKETS.finditer(text):
        bracket = found[0]
        if bracket in {"{", "["}:
            depth += 1
            if depth > DEEPEST:
                raise MalformedError("too_deep", None, {"maximum": DEEPEST})
        elif bracket in {"}", "]"}:
            depth -= 1


def _without_trailing_commas(text: str) -> str | None:
    """Give the text without commas before closing brackets, or `None` where it has none."""
    spots = [found.start() for found in _COMMAS.finditer(text) if found["comma"]]
    if not spots:
        return None
    starts = [0, *(spot + 1 for spot in spots)]
    return "".join(text[start:end] for start, end in zip(starts, [*spots, len(text)], strict=True))


def _fault_of(text: str, error: json.JSONDecodeError) -> MalformedError:
    facts = {"line": error.lineno, "column": error.colno, "problem": error.msg}
    if not text.strip():
        return MalformedError("malformed_json", None, {**facts, "problem": "it is empty"})
    return MalformedError(
        "truncated" if _is_cut_off(text, error) else "malformed_json", None, facts
    )


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    if error.msg == "Extra data":
        return False
    if error.msg.startswith("Unterminated string"):
        return True
    if error.msg.startswith("Invalid \\uXXXX escape"):
        return len(text) - error.pos <= _CUT_ESCAPE and '"' not in text[error.pos :]
    return _CUT_OFF.fullmatch(text, error.pos) is not None


def _located_oddity(value: object) -> MalformedError:
    path, odd = next(_oddities(value, ()))
    return MalformedError(odd.code, dotted(path), odd.facts)


def _oddities(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], _Odd]]:
    if isinstance(value, _Odd):
        yield path, value
    for name, member in _members(value):
        yield from _oddities(member, (*path, name))


def _find_surrogate(value: object, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Give the path of the first text that holds a lone surrogate, as a value or in a name."""
    if isinstance(value, str):
        return path if _SURROGATE.search(value) else None
    for name, member in _members(value):
        if _SURROGATE.search(name):
            return path
        found = _find_surrogate(member, (*path, name))
        if found is not None:
            return found
    return None


def _members(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(index), member) for index, member in enumerate(value))


def dotted(path: tuple[str, ...]) -> str | None:
    """Write a path as text fit to be shown, or `None` where it is the whole value."""
    return shown(".".join(path)) if path else None
