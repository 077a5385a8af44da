"""Workers that die, hang or come late: every request has one outcome all the same."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from django_q.models import OrmQ, Success

from lifecycle.core.events import ActionRejected, ModuleArtifactDeployed
from lifecycle.models.jobs import JobState
from lifecycle.models.projections import Artifact
from lifecycle.usecases.verify import verify_world
from tests.programs import eventually, is_alive, kill_quietly
from tests.queue.conftest import StartWorker
from tests.queue.workers import ask_for_slow_compile, ends, outcomes_of, runs, state_of
from tests.service import found_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_worker_leaves_no_process_and_the_next_one_finishes_its_job(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(2)
    first = start_worker()
    assert runs(job), first.said()
    assert eventually(lambda: "sleep" in names_of(first.descendants())), first.said()
    family = first.descendants()

    first.stop(signal.SIGKILL)

    assert eventually(lambda: not any(is_alive(pid) for pid in family), within_s=5)
    second = start_worker()
    assert ends(job), second.said()
    assert state_of(job) == JobState.SUCCEEDED
    assert job.attempts == 2
    assert len(outcomes_of(job)) == 1
    assert verify_world("demo").ok


def test_q03_a_job_that_loses_every_worker_fails_by_an_event(start_worker: StartWorker) -> None:
    found_world()
    job = ask_for_slow_compile(30)
    first = start_worker(WORLDSIM_COMPILE_ATTEMPTS="1")
    assert runs(job), first.said()
    first.stop(signal.SIGKILL)

    second = start_worker(WORLDSIM_COMPILE_ATTEMPTS="1")

    assert ends(job), second.said()
    assert state_of(job) == JobState.FAILED
    [outcome] = outcomes_of(job)
    assert isinstance(outcome, ActionRejected)
    assert outcome.rejection.code == "compile_worker_lost"


def test_q15_m13_the_first_valid_completion_wins_and_a_late_worker_changes_nothing(
    start_worker: StartWorker,
) -> None:
    """The compiler gives other bytes each time, so a second artifact would show."""
    found_world()
    job = ask_for_slow_compile(2)
    late = start_worker()
    assert runs(job), late.said()
    frozen = [late.process.pid, *late.descendants()]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)

    prompt = start_worker()
    assert ends(job), prompt.said()
    for pid in reversed(frozen):
        os.kill(pid, signal.SIGCONT)

    assert late.stop(signal.SIGINT) == 0
    assert state_of(job) == JobState.SUCCEEDED
    [outcome] = outcomes_of(job)
    assert isinstance(outcome, ModuleArtifactDeployed)
    assert list(Artifact.objects.values_list("wasm_hash", flat=True)) == [outcome.wasm_hash]
    assert verify_world("demo").ok


def test_q05_a_cluster_that_hangs_while_it_looks_alive_is_started_anew(
    start_worker: StartWorker,
) -> None:
    found_world()
    worker = start_worker(WORLDSIM_STALL_SECONDS="3")
    first_job = ask_for_slow_compile(0)
    assert ends(first_job), worker.said()
    # Frozen while it writes that task's end, a process would keep SQLite's lock with it.
    assert eventually(lambda: Success.objects.exists() and not OrmQ.objects.exists())
    [sentinel] = [pid for pid in worker.descendants() if _parent_of(pid) == worker.process.pid]
    hung = [pid for pid in worker.descendants() if pid != sentinel]
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)

    job = ask_for_slow_compile(0.1)

    assert ends(job), worker.said()
    assert "the queue is stalled: 1 jobs wait" in worker.said()
    assert eventually(lambda: not any(is_alive(pid) for pid in [sentinel, *hung]), within_s=5)


def test_a_worker_that_is_told_to_stop_gives_its_job_back_at_once(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(30)
    worker = start_worker()
    assert runs(job), worker.said()

    status = worker.stop(signal.SIGTERM, timeout_s=10)

    assert status == 0
    assert state_of(job) == JobState.QUEUED
    assert job.attempts == 0
    assert outcomes_of(job) == []


def test_a_signal_to_the_whole_group_stops_a_worker_as_one_to_its_parent_does(
    start_worker: StartWorker,
) -> None:
    """The terminal's Ctrl-C, or a service manager, signals every process of the group."""
    found_world()
    job = ask_for_slow_compile(0)
    worker = start_worker()
    assert ends(job), worker.said()

    os.killpg(worker.process.pid, signal.SIGTERM)

    assert worker.process.wait(10) == 0


def test_a_signal_to_every_process_of_a_worker_stops_it_and_blames_no_compile(
    start_worker: StartWorker,
) -> None:
    """What a service manager does: no process is in another's group, so each is signalled."""
    found_world()
    job = ask_for_slow_compile(3)
    worker = start_worker()
    assert runs(job), worker.said()
    assert eventually(lambda: "sleep" in names_of(worker.descendants())), worker.said()

    # The compiler first: those above it see it end before they are told to.
    for pid in [*reversed(worker.descendants()), worker.process.pid]:
        kill_quietly(pid, signal.SIGTERM)

    assert worker.process.wait(10) == 0
    second = start_worker()
    assert ends(job), second.said()
    assert state_of(job) == JobState.SUCCEEDED
    assert len(outcomes_of(job)) == 1


def test_a_compiler_that_is_told_to_stop_each_time_is_not_begun_for_ever(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(0)
    worker = start_worker(
        WORLDSIM_COMPILE_ATTEMPTS="2", WORLDSIM_SOURCE_COMPILER="/bin/sh -c 'exit 143'"
    )

    assert ends(job), worker.said()
    [outcome] = outcomes_of(job)
    assert isinstance(outcome, ActionRejected)
    assert outcome.rejection.code == "compile_worker_lost"


def names_of(pids: list[int]) -> set[str]:
    """Give the names of the programs that some processes run."""
    names = set()
    for pid in pids:
        with suppress(OSError):
            names.add(Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip())
    return names


def _parent_of(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(stat.rpartition(")")[2].split()[1])
