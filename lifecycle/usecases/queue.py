"""The queue: django-q2 carries a job's number and nothing else. The only user of `django_q`."""

import logging
import mmap
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from django.db import close_old_connections, connections, transaction
from django_q.cluster import Cluster
from django_q.tasks import async_task

from lifecycle.usecases.lifeline import die_with_parent

_TASK: Final = "lifecycle.tasks.compile.compile_package"
_CYCLE_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.1
_STOP_SECONDS: Final = 5.0
_STOPPED_HARD: Final = 130
_log = logging.getLogger(__name__)

# One byte of memory, made before the cluster forks, so that all of its processes share it: set, it
# ends running compiles at their next tick, and their jobs go back into the queue.
_stopping = mmap.mmap(-1, 1)


def enqueue_compile(job_pk: int) -> None:
    """Hand a job to the workers once the transaction commits.

    A queue that cannot be reached loses nothing: the job's row stays queued, and the workers'
    reaper hands it out.
    """
    transaction.on_commit(lambda: _send(job_pk), robust=True)


def _send(job_pk: int) -> None:
    async_task(_TASK, job_pk)


def worker_is_stopping() -> bool:
    """Say whether this process belongs to a worker that was told to stop."""
    return _stopping[0] != 0


def run_worker(on_cycle: Callable[[], bool]) -> None:
    """Run a cluster of compile processes until SIGINT or SIGTERM; a second one stops it hard.

    However this process ends, its cluster ends with it.

    Args:
        on_cycle: Called every two seconds; `False` says that the cluster does no work though
            there is some, and has it started anew.
    """
    os.register_at_fork(before=_note_parent, after_in_child=_belong_to_parent)
    _Keeper(on_cycle).run()


_parent_pid = 0


def _note_parent() -> None:
    global _parent_pid  # noqa: PLW0603 - the only way to hand a value across a fork
    _parent_pid = os.getpid()


def _belong_to_parent() -> None:
    """Tie a process of the cluster to the one that forked it, out of reach of the terminal's keys.

    django-q2 hangs when its own processes get the signals that are meant for their parent.
    """
    die_with_parent(_parent_pid)
    with suppress(OSError):
        os.setsid()


class _Keeper:
    """Keeps one cluster alive until it is told to stop."""

    def __init__(self, on_cycle: Callable[[], bool]) -> None:
        self._on_cycle = on_cycle
        # A plain flag: setting a threading.Event in a signal's handler can deadlock.
        self._told_to_stop = False

    def run(self) -> None:
        cluster = self._start_cluster()
        while self._wait_a_cycle():
            if cluster.sentinel.is_alive() and _cycle_is_well(self._on_cycle):
                continue
            _log.error("the cluster does no work; starting another")
            _kill(cluster)
            cluster = self._start_cluster()
        _stopping[0] = 1
        cluster.stop_event.set()
        cluster.sentinel.join(_STOP_SECONDS)
        _kill(cluster)

    def _start_cluster(self) -> Cluster:
        # What the parent has open must not be shared with what it forks.
        connections.close_all()
        cluster = Cluster()
        # The cluster's own handlers stop it at once; ours let running compiles go back first.
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_number, self._stop)
        cluster.start()
        return cluster

    def _stop(self, *_: object) -> None:
        if self._told_to_stop:
            os._exit(_STOPPED_HARD)
        self._told_to_stop = True

    def _wait_a_cycle(self) -> bool:
        """Wait until the next cycle is due; `False` as soon as told to stop."""
        due_s = time.monotonic() + _CYCLE_SECONDS
        while not self._told_to_stop and time.monotonic() < due_s:
            time.sleep(_LOOK_SECONDS)
        return not self._told_to_stop


def _kill(cluster: Cluster) -> None:
    """End a cluster's first process, and by their ties all others."""
    cluster.sentinel.kill()
    cluster.sentinel.join()


def _cycle_is_well(on_cycle: Callable[[], bool]) -> bool:
    close_old_connections()
    try:
        return on_cycle()
    except Exception:  # noqa: BLE001 - upkeep must outlive any fault of one cycle
        _log.exception("the worker's upkeep failed; it is tried again")
        return True
