"""A job without a sandbox: a private folder in its place. For operators who allow it by name.

What stands at fixed paths inside of the sandbox is linked below the folder, and the words of the
job that name such a path are rewritten. Starts nothing.
"""

import os
import re
import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lifecycle.sandbox.errors import SandboxError, SandboxUnavailableError
from lifecycle.sandbox.job import (
    OUTPUT_FOLDER,
    SCRATCH_FOLDER,
    SOURCE_FOLDER,
    WORKSPACE,
    SandboxJob,
    SandboxStatus,
)
from lifecycle.sandbox.launch import Launch
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.private_folder import give_to, private_folder
from lifecycle.sandbox.staging import is_open
from lifecycle.sandbox.workspace import Space

_ROOT: Final = str(Path(WORKSPACE).parent)
_INSIDE: Final = re.compile(rf"(?<![\w./-]){re.escape(_ROOT)}(?=/)")
LAUNCHER: Final = Path(__file__).with_name("bare_launch.py")
_MEASURE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class BareStart:
    """A job whose folder is ready; `output` is a descriptor of the folder it writes to."""

    folder: Path
    launch: Launch
    output: int

    @classmethod
    def prepare(cls, job: SandboxJob, user: int | None, stack: ExitStack) -> "BareStart":
        """Make the folder; it goes with the stack, or at the next start after a crash."""
        python = _launcher_python(user)
        if user is not None:
            _refuse_closed(job)
        folder = private_folder(stack)
        words = (_outside(word, folder) for word in job.argv)
        launch = Launch(
            argv=(python, "-I", "-S", str(LAUNCHER), *words),
            user=user,
            env={name: _outside(value, folder) for name, value in job.env.items()},
            folder=Path(_outside(job.folder, folder)),
        )
        _fill(folder, job)
        give_to(folder, user)
        output = os.open(_outside(OUTPUT_FOLDER, folder), os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, output)
        return cls(folder, launch, output)


def _fill(folder: Path, job: SandboxJob) -> None:
    """Make what the sandbox would show."""
    for place in (SOURCE_FOLDER, OUTPUT_FOLDER, SCRATCH_FOLDER):
        Path(_outside(place, folder)).mkdir(parents=True)
    sources = Path(_outside(SOURCE_FOLDER, folder))
    for relative, data in job.files.items():
        path = sources / relative
        # The rules have judged what agents send, but not what came with an imported world; this
        # may run as root.
        if ".." in path.parts or not path.is_relative_to(sources):
            raise SandboxError(f"the path {relative[:80]!r} leads out of the package")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for bind in job.binds:
        if bind.target.startswith(f"{_ROOT}/"):
            link = Path(_outside(bind.target, folder))
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(bind.source)
    for cache in job.caches:
        shutil.copytree(cache.source, _outside(cache.target, folder), symlinks=True)


def _launcher_python(user: int | None) -> str:
    """Find an interpreter that the user can start."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        if Path(candidate).exists() and (user is None or is_open(Path(candidate))):
            return candidate
    raise _closed("Python")


def _refuse_closed(job: SandboxJob) -> None:
    """Refuse rather than run anyone's program as root.

    Raises:
        SandboxUnavailableError: A tool stands in a folder that only root may enter.
    """
    for bind in job.binds:
        if not is_open(bind.source):
            raise _closed(str(bind.source))


def _closed(tool: str) -> SandboxUnavailableError:
    problem = f"{tool} is closed to the unprivileged user that root becomes before a compile"
    hint = "run the worker as a user other than root"
    return SandboxUnavailableError(
        SandboxStatus(
            available=False, kind="none", version=None, problem=problem, install_hint=hint
        )
    )


@dataclass(slots=True)
class FolderSpace:
    """Measures a folder by walking it, at most a few times a second."""

    folder: Path
    limits: Limits
    _seen: Space = field(default_factory=lambda: Space(free_bytes=sys.maxsize, used_files=0))
    _next_s: float = 0.0

    def __call__(self) -> Space:
        """Give what was last seen, or look again."""
        if time.monotonic() >= self._next_s:
            sizes = [_size(path) for path in self.folder.rglob("*")]
            self._seen = Space(max(0, self.limits.tmpfs_bytes - sum(sizes)), len(sizes))
            self._next_s = time.monotonic() + _MEASURE_S
        return self._seen


def _outside(text: str, folder: Path) -> str:
    return _INSIDE.sub(f"{folder}", text)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
