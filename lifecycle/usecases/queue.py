"""The queue: django-q2 carries a job's number and nothing else. The only user of `django_q`."""

import logging
import mmap
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django_q.cluster import Cluster
from django_q.conf import Conf
from django_q.tasks import async_task

from lifecycle.usecases.lifeline import die_with_parent

AGENTS: Final = "agents"
# The name of the whole queue, in the settings, and so of its own cluster.
_COMPILES: Final = "worldsim"
_TASK: Final = "lifecycle.tasks.compile.compile_package"
_REBUILD_TASK: Final = "lifecycle.tasks.rebuild.rebuild_artifact"
_TURN_TASK: Final = "lifecycle.tasks.agent.take_turn"
_CHECK_TASK: Final = "lifecycle.tasks.audit.check"
_CHECKPOINT_TASK: Final = "lifecycle.tasks.audit.checkpoint"
# A check of a long journal outlasts a compile. Where the queue then gives it out again, the lease
# of its job leaves the second one nothing to do.
_CHECK_SECONDS: Final = 3600
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
    transaction.on_commit(lambda: _send(_TASK, job_pk, _COMPILES), robust=True)


def enqueue_rebuild(rebuild_pk: int) -> None:
    """Hand a rebuild to the workers once the transaction commits; as above."""
    transaction.on_commit(lambda: _send(_REBUILD_TASK, rebuild_pk, _COMPILES), robust=True)


def enqueue_turn(run_pk: int) -> None:
    """Hand a run's next turn to the agents' workers once the transaction commits; as above."""
    transaction.on_commit(lambda: _send(_TURN_TASK, run_pk, AGENTS), robust=True)


def enqueue_check(job_pk: int) -> None:
    """Hand a check to the workers once the transaction commits; as above."""
    transaction.on_commit(
        lambda: _send(_CHECK_TASK, job_pk, _COMPILES, timeout=_CHECK_SECONDS), robust=True
    )


def enqueue_checkpoint(world_pk: int) -> None:
    """Have the workers sign where a world stands; a lost one is asked for again when due."""
    transaction.on_commit(
        lambda: _send(_CHECKPOINT_TASK, world_pk, _COMPILES, timeout=_CHECK_SECONDS), robust=True
    )


def _send(task: str, row_pk: int, cluster: str, **options: int) -> None:
    # Always by name: a process of one cluster hands out work of the other, too.
    async_task(task, row_pk, cluster=cluster, **options)


def worker_is_stopping() -> bool:
    """Say whether this process belongs to a worker that was told to stop."""
    return _stopping[0] != 0


def run_worker(on_cycle: Callable[[], bool], *, agents: bool = False) -> None:
    """Run a cluster of processes until SIGINT or SIGTERM; a second one stops it hard.

    However this process ends, its cluster ends with it.

    Args:
        on_cycle: Called every two seconds; `False` says that the cluster does no work though
            there is some, and has it started anew.
        agents: Whether they take turns of agents, and not compiles.
    """
    if agents:
        _serve_other_queue(AGENTS)
    os.register_at_fork(before=_note_parent, after_in_child=_belong_to_parent)
    _Keeper(on_cycle).run()


def _serve_other_queue(name: str) -> None:
    """Give the cluster that this process starts another queue, and that one's settings.

    django-q2 reads the name from the environment once, while Django starts, which is before a
    command's options are known.
    """
    queue: dict[str, Any] = settings.Q_CLUSTER
    other = queue["ALT_CLUSTERS"][name]
    Conf.CLUSTER_NAME = name
    Conf.WORKERS = other["workers"]
    Conf.QUEUE_LIMIT = other["workers"] ** 2
    Conf.TIMEOUT, Conf.RETRY = other["timeout"], other["retry"]
    Conf.MAX_ATTEMPTS = other["max_attempts"]


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
        _stop(cluster)

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


def _stop(cluster: Cluster) -> None:
    """Let a cluster put its work away; end it hard where it does not in time."""
    # Setting the event waits for whoever waits for it to wake, which one that was killed never
    # does: a service manager's signal reaches every process of the tree at once.
    threading.Thread(target=cluster.stop_event.set, daemon=True).start()
    cluster.sentinel.join(_STOP_SECONDS)
    _kill(cluster)


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
