"""Reaches into a sandbox that is just being set up: its first process and its workspace.

Nothing of the job runs yet while this works, and nothing here starts a process.
"""

import ctypes
import json
import os
import platform
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lifecycle.sandbox.errors import SandboxError
from lifecycle.sandbox.job import WORKSPACE
from lifecycle.sandbox.workspace import Workspace

_SETUP_S: Final = 20.0
_RETRY_S: Final = 0.0003
# The number of setresuid(2); glibc's own changes every thread, the system call this one alone.
_SETRESUID: Final = {"x86_64": 117, "aarch64": 147, "riscv64": 147}
_UNCHANGED: Final = -1


def read_child_pid(info_fd: int) -> int | None:
    """Read the pid of the sandbox's first process; `None` where the set-up failed before it."""
    text = b""
    deadline_s = time.monotonic() + _SETUP_S
    while not text.rstrip().endswith(b"}"):
        ready, _, _ = select.select([info_fd], [], [], max(0.0, deadline_s - time.monotonic()))
        chunk = os.read(info_fd, 4096) if ready else b""
        if not chunk:
            return None
        text += chunk
    return int(json.loads(text)["child-pid"])


def open_workspace(child_pid: int, pid_fd: int, marker: str, user_id: int) -> Workspace | None:
    """Open the workspace as the sandbox's first process sees it.

    Args:
        child_pid: That process.
        pid_fd: A descriptor that becomes readable when it ends.
        marker: The name that the set-up makes in the workspace as its last act. Until it is
            seen, the same path may still lead to a folder of the host.
        user_id: Whom the process runs as.

    Returns:
        The workspace, or `None` where the process ended first.

    Raises:
        SandboxError: The set-up did not end in time.
    """
    deadline_s = time.monotonic() + _SETUP_S
    while time.monotonic() < deadline_s:
        root = _try_open(f"/proc/{child_pid}/root{WORKSPACE}", user_id)
        if root is not None:
            if _holds(root, marker):
                return Workspace.below(root)
            os.close(root)
        if select.select([pid_fd], [], [], _RETRY_S)[0]:
            return None
    raise SandboxError("the sandbox was not ready in time")


def _holds(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _try_open(path: str, user_id: int) -> int | None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except PermissionError:
        if os.geteuid() != 0:
            return None
    except OSError:
        return None
    try:
        with _this_thread_as(user_id):
            return os.open(path, flags)
    except OSError:
        return None


@contextmanager
def _this_thread_as(user_id: int) -> Iterator[None]:
    """Let this thread alone act as another user: root without CAP_SYS_PTRACE has to.

    The owner of a user namespace may look into it; root in a container often may not.
    """
    number = _SETRESUID.get(platform.machine())
    if number is None:
        raise PermissionError("no CAP_SYS_PTRACE, and no known way around it on this processor")
    system = ctypes.CDLL(None, use_errno=True)
    system.syscall(number, _UNCHANGED, user_id, _UNCHANGED)
    try:
        yield
    finally:
        system.syscall(number, _UNCHANGED, 0, _UNCHANGED)
