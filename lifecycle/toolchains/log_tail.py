"""The end of what a running compiler has said, fit to be shown as it grows.

What it said in all is read once it has ended, by the language's own file and `diagnostics`.
"""

from typing import Final

from lifecycle.sandbox.supervision import Said
from lifecycle.toolchains.diagnostics import clean

MAX_LINES: Final = 20
MAX_LINE_CHARS: Final = 200


def log_tail(said: Said) -> str:
    """Give the last lines, in few characters each, without what is meant for machines."""
    lines = [*_lines(said.stdout), *_lines(said.stderr)]
    return "\n".join(lines[-MAX_LINES:])


def _lines(stream: bytes) -> list[str]:
    # A line that is drawn over and over ends in a carriage return; only how it stood last counts.
    raw = [
        line.rstrip("\r").rpartition("\r")[2]
        for line in stream.decode(errors="replace").split("\n")
    ]
    # Cargo tells its machine readers in objects, one a line.
    shown = (clean(line).rstrip() for line in raw if not line.startswith("{"))
    return [_short(line) for line in shown if line]


def _short(line: str) -> str:
    return line if len(line) <= MAX_LINE_CHARS else line[: MAX_LINE_CHARS - 1] + "…"
