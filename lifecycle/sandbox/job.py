"""What to run in the sandbox: program, files, and what of the host it may see. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lifecycle.sandbox.limits import Limits

# Fixed paths inside, the same on every host, so that no output depends on where it was made.
WORKSPACE: Final = "/sandbox/work"
SOURCE_FOLDER: Final = "/sandbox/work/src"
OUTPUT_FOLDER: Final = "/sandbox/work/out"
SCRATCH_FOLDER: Final = "/sandbox/work/tmp"


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of the host, seen read-only at `target`."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class CacheMount:
    """A folder of the host that the program may change for itself; the host's stays as it is."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link inside, at `path`, to `target`."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class SandboxJob:
    """One program to run.

    Attributes:
        argv: The program, by its absolute path inside, and its arguments.
        files: Path below `SOURCE_FOLDER` -> content. Canonical relative paths only.
        limits: The bounds of the run.
        output: Path below `OUTPUT_FOLDER` of the file to hand back. The last part may be
            `*.suffix`, which stands for the one file that ends so.
        binds: What of the host is visible, besides nothing.
        caches: Warmed folders, private to the run.
        links: Symbolic links inside.
        env: The whole environment.
        folder: The current folder.
    """

    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    limits: Limits
    output: str
    binds: tuple[Bind, ...] = ()
    caches: tuple[CacheMount, ...] = ()
    links: tuple[Link, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = SOURCE_FOLDER


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The operator's choices about the sandbox.

    Attributes:
        allow_unsandboxed: Run without a sandbox where none works. Off unless said otherwise.
        bubblewrap: Path of the `bwrap` to use; else the wheel's, else the system's.
        user_id: The user and group that a worker running as root becomes before the sandbox. Not
            `nobody`, which other services share.
    """

    allow_unsandboxed: bool = False
    bubblewrap: str | None = None
    user_id: int = 65533


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """Whether programs can be contained here, and if not, why and what to install."""

    available: bool
    kind: str
    version: str | None
    problem: str | None
    install_hint: str | None
