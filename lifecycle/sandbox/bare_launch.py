"""Starts one program without a sandbox and ends everything that comes of it.

A program of its own, run by the runner only where the operator has allowed to do without a
sandbox. It adopts orphans, so that a child which left its session and its parent is still found.
It needs nothing but the standard library and must import nothing of this project.

Usage: ``python -I -S bare_launch.py PROGRAM [ARGUMENT …]``
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SIGNALED = 128


def main(argv: list[str]) -> NoReturn:
    """Run the program; exit as it did, with 128 added to the number of a signal."""
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _stop)
    system.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.execvpe(argv[0], argv, os.environ)  # noqa: S606 - no shell is the point
    _, status = os.waitpid(child, 0)
    _end_all()
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else _SIGNALED - code)


def _stop(_number: int, _frame: FrameType | None) -> None:
    _end_all()
    os._exit(_SIGNALED + signal.SIGTERM)


def _end_all() -> None:
    """Kill all descendants until none is left; those of a killed one come here as orphans."""
    while children := list(_children()):
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> Iterator[int]:
    """List the children of this process, which has one thread."""
    with open(f"/proc/self/task/{os.getpid()}/children", "rb") as stream:  # noqa: PTH123
        yield from map(int, stream.read().split())


if __name__ == "__main__":
    main(sys.argv[1:])
