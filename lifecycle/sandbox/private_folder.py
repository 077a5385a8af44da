"""Temporary folders of one run, and the removal of those that killed workers left behind."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

_PREFIX: Final = "worldsim-run-"


def private_folder(stack: ExitStack) -> Path:
    """Make a folder that goes with the stack, or at the next call after a crash."""
    remove_stale(Path(tempfile.gettempdir()), _PREFIX)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def give_to(folder: Path, user: int | None) -> None:
    """Let a folder and all in it belong to the user of the run, if that is another."""
    if user is None:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def remove_stale(place: Path, prefix: str) -> None:
    """Remove the folders named ``PREFIX`` + pid + ``-…`` whose process is no longer alive."""
    for folder in place.glob(f"{prefix}*"):
        owner = folder.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
