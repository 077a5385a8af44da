"""Where in a WebAssembly text a function stands. Pure; judging the text must not be put here.

The validator sees only the binary, and names functions by index; an author needs a line.
"""

import re
from collections.abc import Iterator
from typing import Final

# Strings and comments are tokens of their own, so that a parenthesis inside is not counted.
_TOKEN: Final = re.compile(
    r"""(?P<open>\((?!;)\s*(?P<head>[a-z0-9_.]*))|(?P<close>\))"""
    r"""|(?P<block>\(;|;\))|;;[^\n]*|"(?:[^"\\]|\\.)*+"|[^\s()";]+|\s+|.""",
    re.DOTALL,
)
# Elsewhere, such as in a type or an export, `(func` names no function of its own.
_DEFINED_IN: Final = frozenset({"module", "import", ""})


def find_function(text: str, index: int) -> tuple[int, int] | None:
    """Give the line and column, from 1, of the function with an index; imported ones count too."""
    for number, offset in enumerate(_functions(text)):
        if number == index:
            return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return None


def _functions(text: str) -> Iterator[int]:
    parents = [""]
    comments = 0
    for token in _TOKEN.finditer(text):
        if token["block"] is not None:
            comments = comments + 1 if token["block"] == "(;" else max(0, comments - 1)
        elif comments:
            continue
        elif token["open"] is not None:
            if token["head"] == "func" and parents[-1] in _DEFINED_IN:
                yield token.start()
            parents.append(token["head"])
        elif token["close"] is not None and len(parents) > 1:
            parents.pop()
