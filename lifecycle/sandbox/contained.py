"""One bubblewrap run, from its descriptors to the death of its last process. Starts nothing."""

import os
import secrets
import select
import shutil
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lifecycle.sandbox.attach import open_workspace, read_child_pid
from lifecycle.sandbox.bubblewrap import Bubblewrap, arguments
from lifecycle.sandbox.errors import SandboxError
from lifecycle.sandbox.job import CacheMount, SandboxJob
from lifecycle.sandbox.launch import Launch
from lifecycle.sandbox.orphans import mark
from lifecycle.sandbox.private_folder import give_to, private_folder
from lifecycle.sandbox.staging import plan_staging
from lifecycle.sandbox.workspace import Workspace

_DEATH_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Start:
    """Everything that bubblewrap is given at its start."""

    launch: Launch
    info_fd: int
    info_write_fd: int
    release_fd: int
    marker: str

    @classmethod
    def prepare(
        cls, program: Bubblewrap, job: SandboxJob, user: int | None, stack: ExitStack
    ) -> "Start":
        """Open every descriptor; they close with the stack."""
        info_read, info_write = _pipe(stack)
        block_read, block_write = _pipe(stack)
        if job.caches and not program.has_overlay:
            job = _with_own_caches(job, user, stack)
        before: tuple[str, ...] = ()
        if user is not None:
            staging = plan_staging(program, job)
            program, job, before = staging.program, staging.job, staging.command(user)
        contents = [(path, _memory_file(data, stack)) for path, data in sorted(job.files.items())]
        marker = f"ready-{secrets.token_hex(8)}"
        options = arguments(program, job, contents, marker)
        options += ["--info-fd", str(info_write), "--block-fd", str(block_read)]
        # In a file and not in the command line, which anyone on the host could read.
        options_fd = _memory_file(b"".join(word.encode() + b"\0" for word in options), stack)
        # The writing end goes along: should this process die now, the sandbox waits for ever
        # instead of running with nobody to watch it, and the next run ends it.
        descriptors = (info_write, block_read, block_write, options_fd)
        return cls(
            launch=Launch(
                argv=(
                    *before,
                    str(program.path),
                    *mark(),
                    "--args",
                    str(options_fd),
                    "--",
                    *job.argv,
                ),
                # What binds the closed paths does so as root, and then becomes the user itself.
                user=None if before else user,
                pass_fds=(*descriptors, *(descriptor for _, descriptor in contents)),
            ),
            info_fd=info_read,
            info_write_fd=info_write,
            release_fd=block_write,
            marker=marker,
        )

    def release(self) -> None:
        """Let the job begin."""
        os.write(self.release_fd, b"\n")

    def close_info(self) -> None:
        """Close this side's copy of what bubblewrap writes to, so that its end can be seen."""
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, self.info_write_fd, inheritable=False)
        os.close(null)


@dataclass(frozen=True, slots=True)
class Contained:
    """A sandbox that is set up and still holds its job back.

    Attributes:
        pid_fd: Of the first process inside; when that ends, so does every other.
        workspace: What the job writes.
    """

    pid_fd: int
    workspace: Workspace

    @classmethod
    def attach(cls, start: Start, user_id: int, stack: ExitStack) -> "Contained | None":
        """Wait for the set-up; `None` where it failed. The sandbox dies with the stack."""
        child_pid = read_child_pid(start.info_fd)
        if child_pid is None:
            return None
        try:
            pid_fd = os.pidfd_open(child_pid)
        except ProcessLookupError:
            return None
        stack.callback(os.close, pid_fd)
        stack.callback(_end, pid_fd)
        workspace = open_workspace(child_pid, pid_fd, start.marker, user_id)
        if workspace is None:
            return None
        stack.callback(workspace.close)
        return cls(pid_fd, workspace)

    def end(self) -> None:
        """Kill what is left and wait until it is gone.

        Raises:
            SandboxError: It is not gone in time.
        """
        _end(self.pid_fd)


def _end(pid_fd: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pid_fd, signal.SIGKILL)
    # The kernel ends every other process of the namespace before this one counts as ended.
    if not select.select([pid_fd], [], [], _DEATH_S)[0]:
        raise SandboxError("the sandbox did not end")
    # bubblewrap often ends before its child does; where this process is the first of a container
    # the dead child is then its own to bury.
    with suppress(ChildProcessError):
        os.waitid(os.P_PIDFD, pid_fd, os.WEXITED | os.WNOHANG)


def _with_own_caches(job: SandboxJob, user: int | None, stack: ExitStack) -> SandboxJob:
    """Copy each cache for this run alone, where bubblewrap cannot lay a layer over it."""
    folder = private_folder(stack)
    copies = tuple(
        CacheMount(Path(shutil.copytree(cache.source, folder / str(number))), cache.target)
        for number, cache in enumerate(job.caches)
    )
    give_to(folder, user)
    return replace(job, caches=copies)


def _pipe(stack: ExitStack) -> tuple[int, int]:
    read_fd, write_fd = os.pipe()
    stack.callback(os.close, read_fd)
    stack.callback(os.close, write_fd)
    return read_fd, write_fd


def _memory_file(data: bytes, stack: ExitStack) -> int:
    descriptor = os.memfd_create("worldsim", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
