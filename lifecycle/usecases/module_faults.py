"""What the author of sources or of bytes is told when they come to no module.

The engine's words go among the diagnostics, beside the compilers'; facts stay free of them.
"""

import re
from typing import Final

from lifecycle.core.source_package import WAT
from lifecycle.core.values import JsonObject
from lifecycle.models.jobs import CompileJob
from lifecycle.toolchains.diagnostics import bounded
from lifecycle.toolchains.results import CompileFailed, Diagnostic
from lifecycle.toolchains.wat_places import find_function
from lifecycle.usecases.packages import stored_package

_FUNCTION: Final = re.compile(r"function (\d{1,9})\b")


def remarks_on(job: CompileJob, complaint: str) -> tuple[Diagnostic, ...]:
    """Make a diagnostic of what the engine says of a job's output; none where it said nothing."""
    if not complaint:
        return ()
    if job.toolchain != WAT:
        return bounded([Diagnostic(None, None, None, "error", complaint)])
    line, column = _place_of(job, complaint) or (None, None)
    return bounded([Diagnostic(job.manifest_path, line, column, "error", complaint)])


def remarks_on_bytes(complaint: str) -> tuple[JsonObject, ...]:
    """Give what the engine says of bytes that were sent, as diagnostics in JSON."""
    said = [Diagnostic(None, None, None, "error", complaint)] if complaint else []
    return tuple(map(diagnostic_document, bounded(said)))


def diagnostic_document(diagnostic: Diagnostic) -> JsonObject:
    """Give a diagnostic as JSON."""
    return {
        "file": diagnostic.file,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
    }


def _place_of(job: CompileJob, complaint: str) -> tuple[int, int] | None:
    """Find the function that a complaint names in the text which it was assembled from."""
    named = _FUNCTION.match(complaint)
    package = stored_package(job.source_digest, job.toolchain)
    if named is None or isinstance(package, CompileFailed):
        return None
    return find_function(package.files[package.manifest_path], int(named[1]))
