"""The folder a job works in, seen from outside by descriptors alone. Never follows its links.

Whatever stands in there was written by hostile programs: a path below it is opened one part at
a time, and a link, a device or a pipe is never taken for a file.
"""

import os
import stat
from dataclasses import dataclass

from lifecycle.sandbox.job import OUTPUT_FOLDER, WORKSPACE

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Space:
    """What the files of a job take, and what is left for more."""

    free_bytes: int
    used_files: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """Descriptors of a job's workspace and of its output folder, opened before the job began.

    They keep the file system alive after its processes are gone, and stay the same folders
    whatever the job renames.
    """

    root: int
    output: int

    @classmethod
    def below(cls, root: int) -> "Workspace":
        """Take over a descriptor of the workspace and open the output folder below it."""
        relative = OUTPUT_FOLDER.removeprefix(f"{WORKSPACE}/")
        return cls(root, os.open(relative, _FOLDER_FLAGS, dir_fd=root))

    def space(self) -> Space:
        """Measure the file system that the workspace is."""
        facts = os.fstatvfs(self.root)
        return Space(facts.f_bavail * facts.f_frsize, facts.f_files - facts.f_ffree)

    def close(self) -> None:
        """Let go of the file system."""
        os.close(self.output)
        os.close(self.root)


def read_output(folder: int, path: str, limit_bytes: int) -> bytes | int | None:
    """Read one file below a folder of hostile content.

    Args:
        folder: Descriptor of the output folder.
        path: Relative path; its last part may be ``*.suffix``, the one regular file that ends so.
        limit_bytes: The largest file that is read.

    Returns:
        The content; or the size of a file that passes the limit, unread; or `None` where there
        is no such regular file, or more than one.
    """
    *parts, last = path.split("/")
    descriptor = os.dup(folder)
    try:
        for part in parts:
            below = os.open(part, _FOLDER_FLAGS, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        return _read_file(descriptor, last, limit_bytes)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read_file(folder: int, name: str, limit_bytes: int) -> bytes | int | None:
    if name.startswith("*"):
        names = [found for found in os.listdir(folder) if found.endswith(name[1:])]
        if len(names) != 1:
            return None
        name = names[0]
    with os.fdopen(os.open(name, _FILE_FLAGS, dir_fd=folder), "rb") as stream:
        facts = os.fstat(stream.fileno())
        if not stat.S_ISREG(facts.st_mode):
            return None
        return facts.st_size if facts.st_size > limit_bytes else stream.read(limit_bytes)
