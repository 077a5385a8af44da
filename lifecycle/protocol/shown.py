"""Untrusted text made fit to be shown: short, printable, without what it could do to a page.

Every piece of input that enters a fault's facts passes through here.
"""

from typing import Final

LONGEST: Final = 80
_MOST_LISTED: Final = 16


def shown(text: str, longest: int = LONGEST) -> str:
    """Shorten a text and replace what cannot be printed.

    Args:
        text: Any text, lone surrogates and control characters included.
        longest: Characters of the result at most, >= 1.
    """
    start = text[:longest]
    clean = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in start
    )
    return clean if len(text) <= longest else clean[:-1] + "\N{HORIZONTAL ELLIPSIS}"


def shown_names(names: list[str]) -> list[str]:
    """Show the first few of many names."""
    return [shown(name) for name in names[:_MOST_LISTED]]


def type_name(value: object) -> str:
    """Name the JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"
