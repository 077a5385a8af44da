"""What every language gives the catalog, and what of the host its compiler needs. Values only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.job import Bind, CacheMount, Link, SandboxJob
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Outcome
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.results import Diagnostic

# What a compiler is told in its environment: nothing of the host, and no time but the epoch.
BASE_ENV: Final = {
    "HOME": "/sandbox/work/tmp",
    "TMPDIR": "/sandbox/work/tmp",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "SOURCE_DATE_EPOCH": "0",
}
OUTPUT_NAME: Final = "module.wasm"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler that was found.

    Attributes:
        version: The compiler's own.
        digest: SHA-256 over all that fixes its output.
        flags: What it is always given.
        program: The words that start it inside of the sandbox.
        binds: What of the host it needs.
        links: Symbolic links it needs.
        caches: Warmed folders it needs.
    """

    version: str
    digest: str
    flags: tuple[str, ...]
    program: tuple[str, ...]
    binds: tuple[Bind, ...] = ()
    links: tuple[Link, ...] = ()
    caches: tuple[CacheMount, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """No such compiler here, why, and the command that installs it."""

    problem: str
    install_hint: str


@dataclass(frozen=True, slots=True)
class Language:
    """One toolchain's own part of a compile.

    Attributes:
        find: Finds the compiler on this host.
        job: Writes the sandbox job for a package and a module id.
        diagnose: Reads what the compiler said.
        prepare: Does before a compile what is done once for all; says what is wrong, or `None`.
        probe: A small real program.
        missing_hint: What to change where a compile succeeds and gives no module.
    """

    find: Callable[[ToolchainConfig], Toolchain | Missing]
    job: Callable[[Toolchain, SourcePackage, str, Limits], SandboxJob]
    diagnose: Callable[[Outcome, SourcePackage], tuple[Diagnostic, ...]]
    prepare: Callable[[ToolchainConfig, Toolchain], str | None]
    probe: SourcePackage
    missing_hint: str


def nothing_to_prepare(_config: ToolchainConfig, _toolchain: Toolchain) -> None:
    """Prepare a toolchain that needs no preparation."""


def package_bytes(package: SourcePackage) -> dict[str, bytes]:
    """Encode the files of a package for the sandbox."""
    return {path: text.encode() for path, text in package.files.items()}
