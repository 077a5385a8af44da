"""What a compile gives: wasm bytes, or a precise failure. Values only, no wording for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
FailureCode = Literal[
    "compile_failed",
    "compile_timeout",
    "compile_memory_exceeded",
    "compile_process_limit_exceeded",
    "compile_output_exceeded",
    "compile_output_missing",
    "compile_crashed",
    "compile_cancelled",
    "compile_worker_lost",
    "toolchain_unavailable",
    "sandbox_unavailable",
]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One remark of a compiler; `file` is relative to the package, line and column from 1."""

    file: str | None
    line: int | None
    column: int | None
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """Wasm bytes and what they were made with."""

    wasm: bytes
    toolchain: str
    version: str
    toolchain_digest: str
    flags: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class CompileFailed:
    """No bytes, and why."""

    code: FailureCode
    facts: Mapping[str, str | int]
    diagnostics: tuple[Diagnostic, ...]
    duration_ms: int


CompileResult = Compiled | CompileFailed


@dataclass(frozen=True, slots=True)
class ToolchainStatus:
    """Whether a toolchain can be used here.

    Attributes:
        name: As `toolchain_name_for` gives it.
        version: The compiler's own, or `None` where there is none.
        digest: SHA-256 over all that fixes its output: compiler, libraries, flags.
        flags: What the compiler is always given.
        install_hint: The command that installs it, where it is missing.
    """

    name: str
    available: bool
    version: str | None
    digest: str | None
    flags: tuple[str, ...]
    problem: str | None
    install_hint: str | None
