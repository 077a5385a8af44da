"""Reads what cargo and rustc say: JSON lines on standard output, plain text on standard error."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.outcome import Exited, Outcome
from lifecycle.toolchains.diagnostics import bounded, last_words
from lifecycle.toolchains.results import Diagnostic, Severity

_LEVELS: Final[dict[str, Severity]] = {
    "error": "error",
    "error: internal compiler error": "error",
    "warning": "warning",
    "note": "note",
    "help": "note",
}
# What only counts the messages before it, or speaks of the service's own flags.
_SUMMARY: Final = re.compile(
    r"^(aborting due to|\d+ warnings? emitted|could not compile"
    r"|unknown (and unstable )?feature specified for `-Ctarget-feature`)"
)
# From cargo's own error to the end, without its progress lines.
_CARGO_ERROR: Final = re.compile(r"^error(?:\[E\d+\])?: (?P<text>.*)", re.MULTILINE | re.DOTALL)
# Where cargo could not go on in a manifest; it names the file before and the place after.
_MANIFEST: Final = re.compile(
    r"failed to parse manifest at `(?P<file>[^`]+)`"
    r"(?:.*?\bat line (?P<line>\d{1,9}),? column (?P<column>\d{1,9}))?",
    re.DOTALL,
)
_COULD_NOT_COMPILE: Final = re.compile(
    r"^could not compile `[^`]*`[^\n]*(\n\nCaused by:.*)?$", re.DOTALL
)


def diagnose(outcome: Outcome, _package: SourcePackage) -> tuple[Diagnostic, ...]:
    """Read all messages of one cargo run."""
    found = list(_compiler_messages(outcome.stdout))
    if not any(diagnostic.severity == "error" for diagnostic in found):
        found += _cargo_errors(outcome)
    return bounded(found)


def _compiler_messages(stdout: bytes) -> Iterator[Diagnostic]:
    for line in stdout.splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict) and record.get("reason") == "compiler-message":
            diagnostic = _read(record.get("message"))
            if diagnostic is not None:
                yield diagnostic


def _read(message: object) -> Diagnostic | None:
    """Read one message; `None` for a summary, or for what is not a message at all."""
    if not isinstance(message, dict):
        return None
    text, severity = message.get("message"), _LEVELS.get(str(message.get("level")))
    if not isinstance(text, str) or severity is None or _SUMMARY.match(text):
        return None
    code = message.get("code")
    if isinstance(code, dict) and str(code.get("code", "")).startswith("E"):
        text = f"{text} [{code['code']}]"
    span = _primary(message)
    words = "\n".join([text, *_labels(message), *_children(message)])
    if span is None:
        return Diagnostic(None, None, None, severity, words)
    return Diagnostic(
        str(span.get("file_name")),
        _number(span.get("line_start")),
        _number(span.get("column_start")),
        severity,
        words,
    )


def _spans(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    spans = message.get("spans")
    return [span for span in spans if isinstance(span, dict)] if isinstance(spans, list) else []


def _primary(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the place to blame, in the author's own text where a macro's expansion is to blame."""
    span = next((span for span in _spans(message) if span.get("is_primary")), None)
    while span is not None and isinstance(expansion := span.get("expansion"), dict):
        outer = expansion.get("span")
        if not isinstance(outer, dict):
            break
        span = outer
    return span


def _labels(message: Mapping[str, Any]) -> Iterator[str]:
    """Give what stands beside the marked places; those of other lines with their line."""
    for span in _spans(message):
        label = span.get("label")
        if isinstance(label, str) and label:
            yield label if span.get("is_primary") else f"line {span.get('line_start')}: {label}"


def _children(message: Mapping[str, Any]) -> Iterator[str]:
    """Give the notes and the help, with the text that a help would put in."""
    children = message.get("children")
    for child in children if isinstance(children, list) else []:
        if not isinstance(child, dict) or not isinstance(child.get("message"), str):
            continue
        proposed = [
            span["suggested_replacement"]
            for span in _spans(child)
            if isinstance(span.get("suggested_replacement"), str)
        ]
        shown = f": `{'`, `'.join(proposed)}`" if any(proposed) else ""
        yield f"{child.get('level')}: {child['message']}{shown}"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _cargo_errors(outcome: Outcome) -> Sequence[Diagnostic]:
    """Read cargo's own error, such as a manifest that it cannot parse."""
    match = _CARGO_ERROR.search(outcome.stderr.decode(errors="replace"))
    if outcome.end == Exited(0) or match is None or _COULD_NOT_COMPILE.match(match["text"].strip()):
        return last_words(outcome)
    return [_placed(match["text"].strip())]


def _placed(text: str) -> Diagnostic:
    """Give cargo's own error its place, where it speaks of a manifest."""
    found = _MANIFEST.search(text)
    if found is None:
        return Diagnostic(None, None, None, "error", text)
    if found["line"] is None:
        return Diagnostic(found["file"], None, None, "error", text)
    return Diagnostic(found["file"], int(found["line"]), int(found["column"]), "error", text)
