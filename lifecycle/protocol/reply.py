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

# How families of models mark their thinking, and what tools told them: the tag that opens it, and
# the one that closes it. Neither is the answer, whatever stands in it.
_TAGS: Final = (
    *("think(?:ing)?", "seed:think", "antthinking", "thoughts?", "reasoning"),
    *("reflection", "scratchpad", "analysis"),
    *("tool_(?:response|result|output)s?", "function_(?:response|result|output)s?"),
)
_THINKING: Final = (
    *((rf"<{name}(?:\s[^<>]{{0,99}})?>", f"</{name}>") for name in _TAGS),
    (r"\[THINK\]", r"\[/THINK\]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
)
# This one's end closes every message: alone it does not say that all before it was thinking.
_CHANNEL: Final = (r"<\|channel\|>\s*analysis\s*<\|message\|>", r"<\|end\|>")
_ENDS: Final = [
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (*_THINKING, _CHANNEL)
]
_OPENING: Final = "|".join(opening for opening, _ in (*_THINKING, _CHANNEL))
_CLOSING: Final = "|".join(closing for _, closing in _THINKING)
# A line that opens or closes a fence or a block of thinking. No JSON text holds such a line: a
# line break inside of a JSON string is written \\n.
_BOUNDARY: Final = re.compile(
    rf"^[ \t]*(?:(?P<fence>`{{3}}|~{{3}})|{_OPENING}|{_CLOSING})", re.MULTILINE | re.IGNORECASE
)
# What is meant as JSON, if not always well written: a lone brace in prose is not. A text is where
# JSON was encoded again, which its quotes behind backslashes tell.
_ESCAPED_SPACE: Final = r"(?:\s|\\+[nrt])*+"
_START: Final = re.compile(
    rf"""(?P<opening>{_OPENING})|(?P<closing>{_CLOSING})"""
    rf"""|\{{(?=\s*(?:["'\u201c\u2018\uff02}}/#]|\w+\s*:))|\[(?=\s*(?:[{{"]|\[\s*[\[{{"]))"""
    rf"""|[\[{{](?={_ESCAPED_SPACE}\\+["'])"""
    rf"""|(?<!\\)"(?=(?:\\+")*+{_ESCAPED_SPACE}[\[{{](?:\s|\\+[nrt]|[\[{{])*+\\+")""",
    re.IGNORECASE,
)
# What a reply that was cut off ends with, where that is before what `_START` wants to see.
_BEGUN: Final = re.compile(
    r"(?:[{\[]|^[ \t]*(?:`{3,}|~{3,})[ \t]*[a-z]\w*)\s*\Z", re.MULTILINE | re.IGNORECASE
)
_TEXT: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# A text that holds a decision stands on a line of its own, or after a tag or the mark of a fence.
_BEFORE_TEXT: Final = re.compile(r"(?:^|[>\]]|(?:`{3}|~{3})\w*)\s*\Z")
# A value amid a sentence that goes on behind it, or in a Markdown quotation, may be what somebody
# else said.
_WORDS_BEFORE: Final = re.compile(r"(?:^|>)[^<>]*\w[^<>]*\Z")
_WORDS_AFTER: Final = re.compile(r"[ \t]*+(?:(?![A-Z])\w|I\b)")
_QUOTATION: Final = re.compile(r"[ \t]*>")
_AFTER_PART: Final = re.compile(r"\s*[,:)}\]+]")
_NAMES_DECISION: Final = re.compile(r"""\bdecision\\*["'\u201d\u2019\uff02]?\s*:""")


class Candidate(NamedTuple):
    """A JSON value in the reply: whether a fence holds it, or a sentence or quotation does."""

    value: Any
    repairs: Repairs
    fenced: bool
    quoted: bool


class Broken(NamedTuple):
    """A piece that looks like JSON and is none.

    Attributes:
        error: What is wrong with it.
        names_decision: Whether it may have held a decision.
        meant: Whether that would be no sketch: it stands in a fence, or is JSON within a text.
    """

    error: MalformedError
    names_decision: bool
    meant: bool


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
        self._on_own_line = {found.end() for found in boundaries if not found["fence"]}
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
                self._look_for_a_beginning(position)
                break
            if found["opening"] or found["closing"]:
                position = self._skip_thinking(found)
            else:
                position = self._read_json(found.start())
        repairs = (THINKING_REMOVED,) if self._thought else ()
        return Reply(self._candidates, self._broken, self._cut_off, repairs)

    def _skip_thinking(self, tag: re.Match[str]) -> int | None:
        self._thought = True
        if tag["closing"]:
            # The opening tag stood in the prompt: all before this was thinking.
            self._candidates.clear()
            # Within a line, or in a fence, it may stand in a text of a malformed decision.
            if tag.end() in self._on_own_line and not self._is_fenced(tag.start()):
                self._broken.clear()
            return tag.end()
        closing = next(end for opening, end in _ENDS if opening.fullmatch(tag[0]))
        end = closing.search(self._text, tag.end())
        if end is None:
            problem = "the reply ends inside of its thinking"
            self._cut_off = MalformedError("truncated", None, {"problem": problem})
            return None
        return end.end()

    def _read_json(self, start: int) -> int | None:
        if len(self._candidates) + len(self._broken) >= MOST_FOUND:
            raise MalformedError("ambiguous_decision", None, {"seen": MOST_FOUND})
        stop = self._next_boundary(start)
        is_text = self._text[start] == '"'
        end = self._end_of_text(start, stop) if is_text else balanced_end(self._text, start, stop)
        if end is None:
            return self._read_unclosed(start, stop)
        try:
            if is_text:
                self._require_alone(start, end)
            value, repairs = read_json(self._text[start:end])
        except MalformedError as error:
            names_decision = _NAMES_DECISION.search(self._text, start, end) is not None
            meant = is_text or self._is_fenced(start)
            self._broken.append(Broken(self._moved(error, start), names_decision, meant))
        else:
            fenced = self._is_fenced(start)
            quoted = not fenced and self._is_quoted(start, end)
            self._candidates.append(Candidate(value, repairs, fenced, quoted))
        return end

    def _end_of_text(self, start: int, stop: int) -> int | None:
        found = _TEXT.match(self._text, start, stop)
        return None if found is None else found.end()

    def _require_alone(self, start: int, end: int) -> None:
        """Refuse a text that is part of something that is not JSON, as a file's in a program is."""
        line_start = self._text.rfind("\n", 0, start) + 1
        before = self._text[line_start:start]
        if _BEFORE_TEXT.search(before) is None or _AFTER_PART.match(self._text, end):
            facts = {"line": 1, "column": 1, "problem": "this text is part of another"}
            raise MalformedError("malformed_json", None, facts)

    def _is_fenced(self, place: int) -> bool:
        return bisect_left(self._fences, place) % 2 == 1

    def _is_quoted(self, start: int, end: int) -> bool:
        line_start = self._text.rfind("\n", 0, start) + 1
        if _QUOTATION.match(self._text, line_start, start):
            return True
        if _WORDS_AFTER.match(self._text, end) is None:
            return False
        return _WORDS_BEFORE.search(self._text[line_start:start]) is not None

    def _look_for_a_beginning(self, position: int) -> None:
        begun = _BEGUN.search(self._text, position)
        if begun is not None:
            self._cut_off = self._unclosed(begun.start())

    def _read_unclosed(self, start: int, stop: int) -> int | None:
        """Judge a piece that does not close: the reply was cut off, or it is a stray brace."""
        error = self._unclosed(start)
        if stop == len(self._text):
            self._cut_off = error
            return None
        if _NAMES_DECISION.search(self._text, start, stop) is not None:
            raise error
        return stop

    def _unclosed(self, start: int) -> MalformedError:
        line, column = self._place(start)
        facts = {"line": line, "column": column, "problem": "it does not close"}
        return MalformedError("truncated", None, facts)

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
