"""From how a compiler ended to a result with one public code. Pure: values in, values out."""

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import (
    Cancelled,
    Exited,
    MemoryExceeded,
    Outcome,
    OutputExceeded,
    ProcessLimitExceeded,
    Signaled,
    TimedOut,
)
from lifecycle.toolchains.diagnostics import without_located
from lifecycle.toolchains.results import Compiled, CompileFailed, CompileResult, FailureCode
from lifecycle.toolchains.toolchain import Language, Toolchain

Verdict = tuple[FailureCode, Mapping[str, str | int]]

# How compilers say that they were refused a resource which the kernel bounds for each process.
_MEMORY: Final = re.compile(
    r"LLVM ERROR: out of memory|memory allocation of \d+ bytes failed|OutOfMemory\b"
    r"|std::bad_alloc|^MemoryError|cannot allocate memory|Cannot allocate memory",
    re.MULTILINE,
)
_PROCESSES: Final = re.compile(
    r"[Cc]annot fork|fork: retry|Resource temporarily unavailable|SystemResources|os error 11\b"
)
_DISK: Final = re.compile(r"No space left on device|NoSpaceLeft|os error 28\b")
_FILE_SIZE: Final = re.compile(
    r"File too large|FileTooBig|File size limit exceeded|os error 27\b|SIGXFSZ"
)
_TIME: Final = re.compile(r"SIGXCPU|CPU time limit exceeded")
# A driver that starts the compiler proper survives its death and tells of it.
_CRASH: Final = re.compile(
    r"\(signal: (?P<number>\d+)|terminated (?:unexpectedly|by signal)|stack overflow"
    r"|PLEASE submit a bug report|Segmentation fault|^thread \d+ panic:",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Run:
    """What was compiled, with which toolchain, within which bounds."""

    name: str
    package: SourcePackage
    limits: Limits


def conclude(run: Run, language: Language, toolchain: Toolchain, outcome: Outcome) -> CompileResult:
    """Judge one finished run."""
    name, limits = run.name, run.limits
    diagnostics = language.diagnose(outcome, run.package)
    if outcome.end == Exited(0) and outcome.output:
        return Compiled(
            wasm=outcome.output,
            toolchain=name,
            version=toolchain.version,
            toolchain_digest=toolchain.digest,
            flags=toolchain.flags,
            diagnostics=diagnostics,
            duration_ms=outcome.wall_ms,
        )
    code, facts = _verdict(outcome, limits, language.missing_hint)
    return CompileFailed(code, {"toolchain": name, **facts}, diagnostics, outcome.wall_ms)


def _verdict(outcome: Outcome, limits: Limits, missing_hint: str) -> Verdict:
    end = outcome.end
    if end == Exited(0):
        return "compile_output_missing", {"hint": missing_hint}
    if isinstance(end, Exited | Signaled):
        said = without_located(outcome.stderr.decode(errors="replace"))
        return _refused_resource(said, limits) or _own_end(end, said)
    return _limit(end)


def _limit(
    end: TimedOut | MemoryExceeded | ProcessLimitExceeded | OutputExceeded | Cancelled,
) -> Verdict:
    match end:
        case TimedOut(limit_ms):
            return "compile_timeout", {"limit_ms": limit_ms}
        case MemoryExceeded(limit_bytes):
            return "compile_memory_exceeded", {"limit_bytes": limit_bytes}
        case ProcessLimitExceeded(limit):
            return "compile_process_limit_exceeded", {"limit": limit}
        case OutputExceeded(resource, limit):
            return "compile_output_exceeded", {"resource": resource, "limit": limit}
        case Cancelled():
            return "compile_cancelled", {}
        case _:
            assert_never(end)


def _refused_resource(said: str, limits: Limits) -> Verdict | None:
    """Find that a resource was refused which nobody saw from outside."""
    if _MEMORY.search(said):
        # What one process was refused is more than all of them may hold: the lower bound applies.
        return _limit(MemoryExceeded(min(limits.address_space_bytes, limits.tree_memory_bytes)))
    if _DISK.search(said):
        return _limit(OutputExceeded("disk", limits.tmpfs_bytes))
    if _FILE_SIZE.search(said):
        return _limit(OutputExceeded("file_size", limits.file_size_bytes))
    if _PROCESSES.search(said):
        return _limit(ProcessLimitExceeded(limits.processes))
    if _TIME.search(said):
        return _limit(TimedOut(limits.cpu_s * 1000))
    return None


def _own_end(end: Exited | Signaled, said: str) -> Verdict:
    if isinstance(end, Signaled):
        return "compile_crashed", {"signal": _signal_name(end.number)}
    crash = _CRASH.search(said)
    if crash is None:
        return "compile_failed", {"exit_code": end.code}
    if crash["number"] is not None:
        return "compile_crashed", {"signal": _signal_name(int(crash["number"]))}
    return "compile_crashed", {"exit_code": end.code}


def _signal_name(number: int) -> str:
    known = {signal.Signals(one).value: signal.Signals(one).name for one in signal.Signals}
    return known.get(number, str(number))
