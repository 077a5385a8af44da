"""Makes what compilers say fit to be shown: relative paths, no control characters, bounded.

Parsers of one compiler's format belong in that language's file; those that two share are here.
"""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from lifecycle.sandbox.outcome import Exited, Outcome, Signaled
from lifecycle.toolchains.results import Diagnostic, Severity

MAX_DIAGNOSTICS: Final = 100
MAX_MESSAGE_CHARS: Final = 2_000
MAX_TOTAL_CHARS: Final = 64 * 1024
# Longer lines are generated ones; only their beginning is looked at.
_MAX_LINE_CHARS: Final = 8_000

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
# C0 and C1 but line feed, and what reorders or hides text on a page.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
# The sandbox's own folders; the names of files below them may tell an author something.
_INSIDE: Final = re.compile(r"/sandbox/tools/\w+/|/sandbox/work/(?:tmp|out)/(?:[^\s:'\"`]*/)?")
_LOCATED: Final = re.compile(
    r"^(?P<file>[^\s:][^:]*):(?P<line>\d{1,9}):(?P<column>\d{1,9}): "
    r"(?P<severity>fatal error|error|warning|note): (?P<message>.*)$"
)
# Zig's way from an error in its library to the author's own line; the library's part is left out.
_REFERENCE: Final = re.compile(
    r"^ {4}(?P<user>[^\s:]+): (?P<file>[^\s:/][^:]*):(?P<line>\d{1,9}):(?P<column>\d{1,9})$"
)
_PLAIN: Final = re.compile(
    r"^(?:[\w./-]+: )?(?P<severity>fatal error|error|warning): (?P<message>.*)$"
)
_SEVERITIES: Final[dict[str, Severity]] = {
    "fatal error": "error",
    "error": "error",
    "warning": "warning",
    "note": "note",
}
_RANK: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "note": 2}


def clean(text: str) -> str:
    """Remove escape sequences, control characters and the sandbox's own folders."""
    text = _CONTROL.sub("", _ANSI.sub("", text.replace("\t", " ")))
    text = text.replace("/sandbox/work/src/", "").replace("/sandbox/work/src", ".")
    return _INSIDE.sub("", text)


def bounded(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Clean all, and keep so many that a reader is not flooded; errors go before the rest.

    What is kept stands in its first order.
    """
    numbered = list(enumerate(map(_cleaned, diagnostics)))
    kept: list[tuple[int, Diagnostic]] = []
    left = MAX_TOTAL_CHARS
    for number, diagnostic in sorted(numbered, key=lambda pair: (_RANK[pair[1].severity], pair[0])):
        if len(kept) == MAX_DIAGNOSTICS or len(diagnostic.message) > left:
            break
        left -= len(diagnostic.message)
        kept.append((number, diagnostic))
    return tuple(diagnostic for _, diagnostic in sorted(kept, key=lambda pair: pair[0]))


def parse_located(text: str) -> Sequence[Diagnostic]:
    """Read ``file:line:column: error: message`` lines, as clang and Zig write them.

    Lines without a place, such as the linker's ``error: undefined symbol: f``, are read too; the
    quoted source and carets between them are left out, for the place says it all. Where the place
    is in the compiler's own library, the author's line that led there is added.
    """
    found: list[Diagnostic] = []
    for raw in text.splitlines():
        line = raw[:_MAX_LINE_CHARS]
        if (match := _LOCATED.match(line) or _PLAIN.match(line)) is not None:
            found.append(_read_match(match.groupdict()))
        elif (match := _REFERENCE.match(line)) is not None and _is_elsewhere(found):
            place = int(match["line"]), int(match["column"])
            found.append(Diagnostic(match["file"], *place, "note", f"used by {match['user']}"))
    return found


def _read_match(parts: dict[str, str]) -> Diagnostic:
    severity = _SEVERITIES[parts["severity"]]
    if "file" not in parts:
        return Diagnostic(None, None, None, severity, parts["message"])
    place = int(parts["line"]), int(parts["column"])
    return Diagnostic(parts["file"], *place, severity, parts["message"])


def _is_elsewhere(found: Sequence[Diagnostic]) -> bool:
    """Say whether the last remark is about a file outside of the package."""
    return bool(found) and found[-1].file is not None and _relative(found[-1].file) is None


def without_located(text: str) -> str:
    """Leave out what a package could have worded itself, such as the text of ``#error``."""
    return "\n".join(line for line in text.splitlines() if not _LOCATED.match(line))


# Where a crashed compiler stood in memory: it helps no author and differs from run to run.
_ADDRESS_LINE: Final = re.compile(r"^.*\[0x[0-9a-f]+\].*\n?", re.MULTILINE)


def last_words(outcome: Outcome) -> Sequence[Diagnostic]:
    """Take the end of what a failed program said as one error.

    Nothing where it said nothing, succeeded, or was stopped in mid-sentence by a limit.
    """
    if outcome.end == Exited(0) or not isinstance(outcome.end, Exited | Signaled):
        return []
    text = _ADDRESS_LINE.sub("", clean(outcome.stderr.decode(errors="replace"))).strip()
    return [Diagnostic(None, None, None, "error", text[-MAX_MESSAGE_CHARS:])] if text else []


def _cleaned(diagnostic: Diagnostic) -> Diagnostic:
    message = clean(diagnostic.message).strip()
    file = _relative(diagnostic.file)
    if diagnostic.file is not None and file is None:
        # A place in the compiler's own library helps only beside the text.
        message = f"{clean(diagnostic.file)}:{diagnostic.line}: {message}"
        diagnostic = replace(diagnostic, line=None, column=None)
    if len(message) > MAX_MESSAGE_CHARS:
        message = message[: MAX_MESSAGE_CHARS - 1] + "…"
    return replace(diagnostic, file=file, message=message)


def _relative(file: str | None) -> str | None:
    """Make a path relative to the package; `None` where it is outside of it, or in no file."""
    # Compilers write <inline asm>, <built-in> and the like; no source path may hold a bracket.
    if file is None or file.startswith("<"):
        return None
    path = posixpath.normpath(posixpath.join("/sandbox/work/src", file))
    if not path.startswith("/sandbox/work/src/"):
        return None
    return clean(path.removeprefix("/sandbox/work/src/"))
