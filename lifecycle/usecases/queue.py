"""The queue: django-q2 carries a job's number and nothing else. The only user of `django_q`."""

import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from typing import Final

from django.db import close_old_connections, transaction
from django_q.cluster import Cluster
from django_q.tasks import async_task

_TASK: Final = "lifecycle.tasks.compile.compile_package"
_CYCLE_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)

# Made before the cluster forks, so that all of its processes share it: set, it ends running
# compiles at their next tick, and their jobs go back into the queue.
_stopping = multiprocessing.get_context("fork").Event()


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
    return _stopping.is_set()


def run_worker(on_cycle: Callable[[], bool]) -> None:
    """Run a cluster of compile processes until SIGINT or SIGTERM.

    Args:
        on_cycle: Called every two seconds; `False` says that the cluster does no work though
            there is some, and has it started anew.
    """
    told_to_stop = threading.Event()
    cluster = _start_cluster(told_to_stop)
    while not told_to_stop.wait(_CYCLE_SECONDS):
        if _cycle_is_well(on_cycle) and cluster.sentinel.is_alive():
            continue
        _log.error("the cluster does no work; starting another")
        cluster.sentinel.kill()
        cluster.sentinel.join()
        cluster = _start_cluster(told_to_stop)
    _stopping.set()
    cluster.stop()


def _start_cluster(told_to_stop: threading.Event) -> Cluster:
    cluster = Cluster()
    # The cluster's own handlers stop it at once; ours let running compiles go back first.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: told_to_stop.set())
    cluster.start()
    return cluster


def _cycle_is_well(on_cycle: Callable[[], bool]) -> bool:
    close_old_connections()
    try:
        return on_cycle()
    except Exception:  # noqa: BLE001 - upkeep must outlive any fault of one cycle
        _log.exception("the worker's upkeep failed; it is tried again")
        return True
