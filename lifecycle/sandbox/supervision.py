"""Watches one running tree of processes until it ends or passes a limit. Starts nothing.

The caller starts the tree and kills what is left of it; here it is only read, counted and judged.
"""

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import (
    Cancelled,
    End,
    MemoryExceeded,
    OutputExceeded,
    ProcessLimitExceeded,
    TimedOut,
)
from lifecycle.sandbox.process_tree import tree_usage
from lifecycle.sandbox.workspace import Space


@dataclass(frozen=True, slots=True)
class Said:
    """The end of what a running tree has said so far on its two streams."""

    stdout: bytes
    stderr: bytes


OnTick = Callable[[Said], bool]

# Each look costs the worker a fraction of a millisecond for every process and thread.
_LOOK_S: Final = 0.02
_TICK_S: Final = 1.0
_CHUNK_BYTES: Final = 65536
# With less than this left a compiler fails anyway, and removes what would show why.
_FULL_BYTES: Final = 32768
_TAIL_BYTES: Final = 8192


@dataclass(slots=True)
class Log:
    """The head of a stream and its last words, and how much came in all."""

    limit_bytes: int
    kept: bytearray = field(default_factory=bytearray)
    tail: bytes = b""
    seen_bytes: int = 0

    def take(self, chunk: bytes) -> None:
        """Keep what still fits, count all."""
        self.seen_bytes += len(chunk)
        self.kept += chunk[: self.limit_bytes - len(self.kept)]
        self.tail = (self.tail + chunk)[-_TAIL_BYTES:]


@dataclass(frozen=True, slots=True)
class Watched:
    """A running tree.

    Attributes:
        root_pid: The process that all others descend from.
        exit_fd: A descriptor that becomes readable when that process ends.
        stdout_fd: Reading end of the tree's standard output.
        stderr_fd: Reading end of the tree's standard error.
        space: Measures what the tree may fill with files.
        own_tasks: Tasks in the tree that are the sandbox's, not the job's.
        limits: The bounds.
        on_tick: Called about every second in this thread with what was said; False ends the run.
    """

    root_pid: int
    exit_fd: int
    stdout_fd: int
    stderr_fd: int
    space: Callable[[], Space]
    own_tasks: int
    limits: Limits
    on_tick: OnTick | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen until the end; `end` is `None` where the tree ended by itself."""

    end: End | None
    stdout: bytes
    stderr: bytes


def watch(tree: Watched, started_s: float) -> Sighting:
    """Follow a tree until it ends or passes a limit; the caller then kills it.

    Args:
        tree: What to follow; its two streams are read here and made non-blocking.
        started_s: `time.monotonic` at the start.
    """
    logs = {
        tree.stdout_fd: Log(tree.limits.log_bytes),
        tree.stderr_fd: Log(tree.limits.log_bytes),
    }
    for descriptor in logs:
        os.set_blocking(descriptor, False)
    end = _follow(tree, logs, started_s)
    for descriptor, log in logs.items():
        _drain(descriptor, log)
    return Sighting(end, bytes(logs[tree.stdout_fd].kept), bytes(logs[tree.stderr_fd].kept))


def _follow(tree: Watched, logs: dict[int, Log], started_s: float) -> End | None:
    clock = _Clock(started_s, started_s + _TICK_S)
    with selectors.DefaultSelector() as selector:
        for descriptor in (*logs, tree.exit_fd):
            selector.register(descriptor, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(_LOOK_S):
                if key.fd == tree.exit_fd:
                    return None
                if not _read_chunk(key.fd, logs[key.fd]):
                    selector.unregister(key.fd)
            now_s = time.monotonic()
            end = _judge(tree, logs, now_s - started_s) if clock.wants_look(now_s) else None
            if end is None and clock.wants_tick(now_s) and not _goes_on(tree, logs):
                end = Cancelled()
            if end is not None:
                return end


def _goes_on(tree: Watched, logs: dict[int, Log]) -> bool:
    """Tell the caller how far it is; whether it goes on is the caller's to say."""
    if tree.on_tick is None:
        return True
    return tree.on_tick(Said(logs[tree.stdout_fd].tail, logs[tree.stderr_fd].tail))


@dataclass(slots=True)
class _Clock:
    """When to look at the tree and when to call the caller's tick."""

    look_s: float
    tick_s: float

    def wants_look(self, now_s: float) -> bool:
        if now_s < self.look_s:
            return False
        self.look_s = now_s + _LOOK_S
        return True

    def wants_tick(self, now_s: float) -> bool:
        if now_s < self.tick_s:
            return False
        self.tick_s = now_s + _TICK_S
        return True


def _judge(tree: Watched, logs: dict[int, Log], elapsed_s: float) -> End | None:
    """Name the first limit that is passed now."""
    limits = tree.limits
    if elapsed_s * 1000 > limits.wall_ms:
        return TimedOut(limits.wall_ms)
    if sum(log.seen_bytes for log in logs.values()) > limits.log_flood_bytes:
        return OutputExceeded("log", limits.log_flood_bytes)
    usage = tree_usage(tree.root_pid)
    if usage.tasks - tree.own_tasks >= limits.processes:
        return ProcessLimitExceeded(limits.processes)
    if usage.memory_bytes > limits.tree_memory_bytes:
        return MemoryExceeded(limits.tree_memory_bytes)
    return judge_space(tree)


def judge_space(tree: Watched) -> OutputExceeded | None:
    """Say whether the files of the tree fill what they may."""
    space = tree.space()
    if space.free_bytes < _FULL_BYTES:
        return OutputExceeded("disk", tree.limits.tmpfs_bytes)
    if space.used_files > tree.limits.file_count:
        return OutputExceeded("file_count", tree.limits.file_count)
    return None


def _drain(descriptor: int, log: Log) -> None:
    """Take what a dead tree left in a pipe, and no more than a pipe holds."""
    for _ in range(32):
        if not _read_chunk(descriptor, log):
            return


def _read_chunk(descriptor: int, log: Log) -> bool:
    """Read once; False at the end of the stream or where nothing waits."""
    try:
        chunk = os.read(descriptor, _CHUNK_BYTES)
    except BlockingIOError:
        return False
    log.take(chunk)
    return bool(chunk)
