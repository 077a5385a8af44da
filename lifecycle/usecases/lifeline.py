"""When this process ends: with its parent, so that none is left, and how a web server is told to.

No process is started here.
"""

import ctypes
import os
import signal
import sys
import threading
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_STOPPING: Final = threading.Event()


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when the thread that started it ends.

    Linux only, as the sandbox is; elsewhere nothing happens.

    Args:
        parent_pid: Who started this process. If that is no longer its parent, it ends now: the
            parent died before it could be tied to it.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def stop_serving() -> None:
    """Tell all that would answer for ever, such as a stream, to come to its end."""
    _STOPPING.set()


def server_is_stopping() -> bool:
    """Say whether this web server was told to stop."""
    return _STOPPING.is_set()
