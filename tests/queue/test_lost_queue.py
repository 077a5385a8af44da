"""The queue may deliver twice, late or never: the job rows decide, and nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage

from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.queue import enqueue_compile
from tests.programs import eventually
from tests.queue.conftest import StartWorker
from tests.queue.workers import ask_for_slow_compile, ends, outcomes_of, state_of
from tests.service import found_world

pytestmark = pytest.mark.django_db(transaction=True)


def long_ago(job: CompileJob) -> None:
    """Let a job have been handed to the queue a minute earlier than it was."""
    CompileJob.objects.filter(pk=job.pk).update(enqueued_at=F("enqueued_at") - timedelta(minutes=1))


def test_q01_a_job_that_is_delivered_three_times_is_run_once(start_worker: StartWorker) -> None:
    found_world()
    job = ask_for_slow_compile(1)
    enqueue_compile(job.pk)
    enqueue_compile(job.pk)
    assert OrmQ.objects.count() == 3

    worker = start_worker()

    assert ends(job), worker.said()
    assert eventually(lambda: OrmQ.objects.count() == 0), worker.said()
    results = eventually(lambda: Task.objects.count() == 3)
    assert results, worker.said()
    assert sorted(Task.objects.values_list("result", flat=True)) == [
        "not_claimed",
        "not_claimed",
        "succeeded",
    ]
    assert state_of(job) == JobState.SUCCEEDED
    assert job.attempts == 1
    assert len(outcomes_of(job)) == 1


def test_q07_an_entry_that_was_never_acknowledged_finds_its_job_finished(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(0)
    worker = start_worker()
    assert ends(job), worker.said()

    enqueue_compile(job.pk)

    assert eventually(lambda: OrmQ.objects.count() == 0), worker.said()
    assert run_job(job.pk) == "not_claimed"
    assert len(outcomes_of(job)) == 1
    assert state_of(job) == JobState.SUCCEEDED


def test_q09_jobs_queued_under_an_earlier_secret_key_are_made_again(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(0)
    long_ago(job)

    worker = start_worker(WORLDSIM_SECRET_KEY="another-key-of-at-least-thirty-two-letters")

    assert ends(job), worker.said()
    assert state_of(job) == JobState.SUCCEEDED
    assert len(outcomes_of(job)) == 1
    assert eventually(lambda: OrmQ.objects.count() == 0), worker.said()
    assert "reincarnated pusher" not in worker.said()


def test_a_queue_that_lost_everything_is_filled_again_from_the_job_rows(
    start_worker: StartWorker,
) -> None:
    found_world()
    job = ask_for_slow_compile(0)
    OrmQ.objects.all().delete()
    long_ago(job)

    worker = start_worker()

    assert ends(job), worker.said()
    assert len(outcomes_of(job)) == 1


@pytest.mark.usefixtures("slow_compiler")
def test_q11_an_entry_carries_one_number_and_the_name_of_the_task() -> None:
    found_world()
    job = ask_for_slow_compile(0)

    [entry] = OrmQ.objects.all()
    package: dict[str, Any] = SignedPackage.loads(entry.payload)

    assert package["func"] == "lifecycle.tasks.compile.compile_package"
    assert package["args"] == (job.pk,)
    assert package["kwargs"] == {}
