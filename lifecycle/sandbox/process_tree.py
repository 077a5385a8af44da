"""Reads how much a process and all that descend from it use. Starts and ends nothing."""

import os
from dataclasses import dataclass
from typing import Final

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
# Enough for any tree that a limit allows; a larger one has passed its limit already.
_MAX_PROCESSES: Final = 4096


@dataclass(frozen=True, slots=True)
class TreeUsage:
    """Private resident memory, and processes and threads alive, of a whole tree."""

    memory_bytes: int
    tasks: int


def tree_usage(root_pid: int) -> TreeUsage:
    """Add up a process and its descendants; one that ends meanwhile counts for nothing.

    Pages that are mapped from files or shared are left out, so that two processes of one large
    compiler do not count its code twice.
    """
    memory_bytes = tasks = 0
    for pid in descendants(root_pid):
        try:
            _, resident, shared, *_ = _read(f"/proc/{pid}/statm").split()
            tasks += len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - the cheap form; read every few ms
        except (OSError, ValueError):
            continue
        memory_bytes += max(0, int(resident) - int(shared)) * _PAGE_BYTES
    return TreeUsage(memory_bytes, tasks)


def descendants(root_pid: int) -> list[int]:
    """List a process and all its descendants, parents first."""
    found = [root_pid]
    for pid in found:
        if len(found) > _MAX_PROCESSES:
            break
        found += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    """List the children of all threads of a process; none once it has ended."""
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - as above
            children += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except (OSError, ValueError):
        return children
    return children


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 65536)
    finally:
        os.close(descriptor)
