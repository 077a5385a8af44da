"""Texts of others as data in a prompt: JSON that cannot end its block or speak for the prompt.

Every observation, record and message of a compiler that a model reads passes through here. What
stands around the data is not said here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from lifecycle.core.values import JsonValue

# What could close a block, open a fence, or be read as a control token of a chat template, such
# as <|im_end|>, </s> or [INST]. All of it can stand in JSON only inside of texts, where an escape
# means the same; brackets around capitals cannot be JSON's own.
_SPEAKING: Final = re.compile(r"<|`{3,}|~{3,}|\[(?=/?[a-z]?[A-Z][A-Z_]+\])")
_SURROGATE: Final = 0x10000


class Limits(NamedTuple):
    """How much of one text and of one list inside of an entry is shown."""

    longest_text: int
    most_items: int


class Shortened(NamedTuple):
    """A value whose long texts and lists were cut, and what was cut off them."""

    value: JsonValue
    removed: tuple[str, ...]


def encode_data(value: JsonValue) -> str:
    """Write a value as one line of JSON that stays data wherever it is put.

    It holds no line break, no ``<``, no fence, no control token in brackets and no character that
    cannot be printed (bidirectional marks, zero width, surrogates): these are escaped. Decoded, it
    is the value again.

    Raises:
        ValueError: the value holds a number that JSON cannot write.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _SPEAKING.sub(lambda found: _escaped(found[0]), text)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(text: str) -> str:
    return "".join(f"\\u{unit:04x}" for letter in text for unit in _utf16_units(ord(letter)))


def _utf16_units(code: int) -> tuple[int, ...]:
    if code < _SURROGATE:
        return (code,)
    above = code - _SURROGATE
    return 0xD800 + (above >> 10), 0xDC00 + (above & 0x3FF)


def data_block(name: str, encoded: str) -> str:
    """Mark encoded data as such.

    Args:
        name: A name that the service chose, never a text of others.
        encoded: What `encode_data` wrote; it cannot hold the closing mark.
    """
    return f'<data name="{name}">\n{encoded}\n</data>'


def shorten(value: JsonValue, limits: Limits) -> Shortened:
    """Cut the long texts and lists inside of a value; each says how much is missing.

    Args:
        value: Any JSON value; the number of fields of its objects is not bounded here.
        limits: Characters of a text and items of a list that stay, both >= 1.
    """
    removed: list[str] = []
    return Shortened(_short(value, limits, removed), tuple(removed))


def _short(value: JsonValue, limits: Limits, removed: list[str]) -> Any:  # noqa: ANN401 - JSON
    match value:
        case str():
            return _short_text(value, limits.longest_text, removed)
        case Mapping():
            return {key: _short(item, limits, removed) for key, item in value.items()}
        case Sequence():
            kept = [_short(item, limits, removed) for item in value[: limits.most_items]]
            more = len(value) - len(kept)
            if more:
                removed.append(encode_data(value[limits.most_items :]))
                kept.append(f"\N{HORIZONTAL ELLIPSIS} {more} more")
            return kept
        case _:
            return value


def _short_text(text: str, longest: int, removed: list[str]) -> str:
    more = len(text) - longest
    if more <= 0:
        return text
    removed.append(text[longest:])
    return f"{text[:longest]}\N{HORIZONTAL ELLIPSIS} {more} more characters"
