"""How a sandboxed run ended and what it left; values only, no wording for people."""

from dataclasses import dataclass
from typing import Literal

Resource = Literal["disk", "file_size", "file_count", "output", "log"]


@dataclass(frozen=True, slots=True)
class Exited:
    """The program ended by itself with this exit status."""

    code: int


@dataclass(frozen=True, slots=True)
class Signaled:
    """The program was ended by a signal that neither the runner sent nor who stops the machine."""

    number: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The wall clock or processor time ran out."""

    limit_ms: int


@dataclass(frozen=True, slots=True)
class MemoryExceeded:
    """All processes together held more memory than allowed."""

    limit_bytes: int


@dataclass(frozen=True, slots=True)
class ProcessLimitExceeded:
    """As many processes and threads were alive as are allowed."""

    limit: int


@dataclass(frozen=True, slots=True)
class OutputExceeded:
    """Too much was written: to files, to one file, in number of files, or to the log."""

    resource: Resource
    limit: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller's tick asked to stop, or all processes here were told to."""


End = (
    Exited
    | Signaled
    | TimedOut
    | MemoryExceeded
    | ProcessLimitExceeded
    | OutputExceeded
    | Cancelled
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished run.

    Attributes:
        end: Why it is over.
        stdout: The first `log_bytes` of standard output.
        stderr: The first `log_bytes` of standard error.
        output: The file that the job named, or `None` where there was no such regular file or
            the run did not end with status 0.
        wall_ms: Real time from the start of the sandbox to its end.
        sandboxed: False where the operator allowed the run without a sandbox.
    """

    end: End
    stdout: bytes
    stderr: bytes
    output: bytes | None
    wall_ms: int
    sandboxed: bool
