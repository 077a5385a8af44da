"""Shows bubblewrap what only root can reach, then becomes an unprivileged user and starts it.

A program of its own, run by the runner where the worker is root and a tool lies in a folder
closed to others, such as root's home. In a mount namespace that nobody else sees, it binds each
such path to an open place. Nothing hostile has been started yet. It needs nothing but the
standard library and must import nothing of this project.

Usage: ``python -I -S stage.py USER PLACE SOURCE [SOURCE …] -- PROGRAM [ARGUMENT …]``
"""

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWNS = 0x20000
_MS_NOSUID = 0x2
_MS_NODEV = 0x4
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000


def main(words: list[str]) -> None:
    """Bind the n-th source to ``PLACE/n`` and start the program."""
    split = words.index("--")
    user_id, place, sources = int(words[0]), words[1], words[2:split]
    argv = words[split + 1 :]
    system = ctypes.CDLL(None, use_errno=True)
    _check(system.unshare(_CLONE_NEWNS))
    _mount(system, "none", "/", "", _MS_REC | _MS_PRIVATE)
    _mount(system, "tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV)
    for number, source in enumerate(sources):
        target = Path(place) / str(number)
        if Path(source).is_dir():
            target.mkdir()
        else:
            target.touch()
        _mount(system, source, str(target), "", _MS_BIND | _MS_REC)
    Path(place).chmod(0o755)
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)
    os.execve(argv[0], argv, {})  # noqa: S606 - no shell is the point


def _mount(system: ctypes.CDLL, source: str, target: str, kind: str, flags: int) -> None:
    arguments = (source.encode(), target.encode(), kind.encode() or None)
    _check(system.mount(*arguments, ctypes.c_ulong(flags), None))


def _check(status: int) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
