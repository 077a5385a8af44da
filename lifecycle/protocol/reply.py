"""Finding the JSON in a model's raw reply: prose, fences, thinking, stray braces.

Nothing is cut out of a JSON text, and none that is cut off is completed. Which of the values is
the decision is not said here.
"""

import re
from bisect import bisect_left
from typing import Any, Final, NamedTuple

from lifecycle.protocol.json_text import balanced_end, read_json
from lifecycle.protocol.malformed import MalformedError, Repairs

FOUND_IN_TEXT: Final = "found_in_text: took the decision out of the text around it"
THINKING_REMOVED: Final = "thinking_removed: left out the thinking before the answer"
MOST_FOUND: Final = 256

# A line that opens or closes a fence or a block of thinking. No JSON text holds such a line: a
# line break inside of a JSON string is written \\n.
_BOUNDARY: Final = re.compile(
    r"^[ \t]*(?P<fence>`{3}|~{3})|^[ \t]*</?think(?:ing)?>", re.MULTILINE | re.IGNORECASE
)
# What is meant as JSON, if not always well written: a lone brace in prose is not.
_START: Final = re.compile(
    r"""<(?P<closing>/?)think(?:ing)?> | \{(?=\s*(?:["'}/\#]|\w+\s*:)) | \[(?=\s*\{)""",
    re.VERBOSE | re.IGNORECASE,
)
_END_OF_THINKING: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_NAMES_DECISION: Final = re.compile(r"""(?:"decision"|'decision'|\bdecision)\s*:""")


class Candidate(NamedTuple):
    """A JSON value in the reply, and whether a fence holds it."""

    value: Any
    repairs: Repairs
    fenced: bool


class Broken(NamedTuple):
    """A piece that looks like JSON and is none, and whether it may have held a decision."""

    error: MalformedError
    names_decision: bool


class Reply(NamedTuple):
    """What a reply holds. `cut_off` is set where it ends before a JSON value or thinking does."""

    candidates: list[Candidate]
    broken: list[Broken]
    cut_off: MalformedError | None
    repairs: Repairs


def read_reply(text: str) -> Reply:
    """Find every JSON object and list that stands in a reply outside of its thinking.

    Raises:
        MalformedError: a piece that may have held a decision does not close, or there are far
            too many pieces.
    """
    return _Reader(text).read()


class _Reader:
    """One pass over one reply."""

    def __init__(self, text: str) -> None:
        boundaries = list(_BOUNDARY.finditer(text))
        self._text = text
        self._boundaries = [found.start() for found in boundaries]
        self._fences = [found.start() for found in boundaries if found["fence"]]
        self._candidates: list[Candidate] = []
        self._broken: list[Broken] = []
        self._cut_off: MalformedError | None = None
        self._thought = False
        self._line = 1
        self._counted = 0

    def read(self) -> Reply:
        position: int | None = 0
        while position is not None:
            found = _START.search(self._text, position)
            if found is None:
                break
            if found["closing"] is None:
                position = self._read_json(found.start())
            else:
                position = self._skip_thinking(found)
        repairs = (THINKING_REMOVED,) if self._thought else ()
        return Reply(self._candidates, self._broken, self._cut_off, repairs)

    def _skip_thinking(self, tag: re.Match[str]) -> int | None:
        self._thought = True
        if tag["closing"]:
            # The opening tag stood in the prompt: all before this was thinking.
            self._candidates.clear()
            self._broken.clear()
            return tag.end()
        end = _END_OF_THINKING.search(self._text, tag.end())
        if end is None:
            problem = "the reply ends inside of its thinking"
            self._cut_off = MalformedError("truncated", None, {"problem": problem})
            return None
        return end.end()

    def _read_json(self, start: int) -> int | None:
        if len(self._candidates) + len(self._broken) >= MOST_FOUND:
            raise MalformedError("ambiguous_decision", None, {"seen": MOST_FOUND})
        stop = self._next_boundary(start)
        end = balanced_end(self._text, start, stop)
        if end is None:
            return self._read_unclosed(start, stop)
        try:
            value, repairs = read_json(self._text[start:end])
        except MalformedError as error:
            names_decision = _NAMES_DECISION.search(self._text, start, end) is not None
            self._broken.append(Broken(self._moved(error, start), names_decision))
        else:
            fenced = bisect_left(self._fences, start) % 2 == 1
            self._candidates.append(Candidate(value, repairs, fenced))
        return end

    def _read_unclosed(self, start: int, stop: int) -> int | None:
        """Judge a piece that does not close: the reply was cut off, or it is a stray brace."""
        line, column = self._place(start)
        facts = {"line": line, "column": column, "problem": "it does not close"}
        error = MalformedError("truncated", None, facts)
        if stop == len(self._text):
            self._cut_off = error
            return None
        if _NAMES_DECISION.search(self._text, start, stop) is not None:
            raise error
        return stop

    def _next_boundary(self, start: int) -> int:
        index = bisect_left(self._boundaries, start)
        return self._boundaries[index] if index < len(self._boundaries) else len(self._text)

    def _place(self, start: int) -> tuple[int, int]:
        # Asked for in rising order, so that counting goes on from where it was.
        self._line += self._text.count("\n", self._counted, start)
        self._counted = start
        line_start = self._text.rfind("\n", 0, start) + 1
        return self._line, start - line_start + 1

    def _moved(self, error: MalformedError, start: int) -> MalformedError:
        """Give the place of a fault in the whole reply."""
        facts = dict(error.malformed.facts)
        if "line" in facts:
            line, column = self._place(start)
            if facts["line"] == 1:
                facts["column"] += column - 1
            facts["line"] += line - 1
        return MalformedError(error.malformed.code, error.malformed.field, facts)
