"""Compile jobs: one outcome each, whatever happens to the workers and to the queue."""

import pytest
from django.conf import settings
from django_q.models import OrmQ

from lifecycle.journal.store import get_head
from lifecycle.models.content import Content
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.projections import Artifact
from lifecycle.toolchains.results import Compiled, CompileFailed
from lifecycle.usecases import queue
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import Lease, claim, finish, reap, renew, run_job
from lifecycle.usecases.verify import verify_world
from tests.service import found_world, hash_of, wasm
from tests.usecases.compiling import LONG_AGO, document_of, let_lease_run_out, outcomes_of, request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world() -> None:
    found_world()


def test_q07_a_job_that_has_ended_is_left_alone() -> None:
    job = request()
    run_job(job.pk)
    seq = get_head("demo").seq

    assert run_job(job.pk) == "not_claimed"
    assert run_job(10**9) == "not_claimed"

    assert get_head("demo").seq == seq


def test_a_job_that_another_worker_holds_is_left_alone() -> None:
    job = request()
    assert claim(job.pk) is not None

    assert run_job(job.pk) == "not_claimed"


def test_a_job_whose_worker_fell_silent_is_run_by_the_next() -> None:
    job = request()
    claim(job.pk)
    let_lease_run_out(job)

    assert run_job(job.pk) == JobState.SUCCEEDED

    job.refresh_from_db()
    assert job.attempts == 2


def result_of(number: int) -> Compiled:
    """Give what a compiler might have given."""
    return Compiled(wasm(number), "wat", "1", "0" * 64, (), (), 1)


def test_m13_q15_of_two_workers_the_one_with_the_lease_ends_the_job() -> None:
    job = request()
    late = claim(job.pk)
    let_lease_run_out(job)
    second = claim(job.pk)
    assert late is not None
    assert second is not None

    assert renew(late) is False
    assert finish(late, result_of(1)) == "discarded"
    assert renew(second) is True
    assert finish(second, result_of(2)) == JobState.SUCCEEDED
    assert finish(late, result_of(3)) == "discarded"
    assert finish(second, result_of(4)) == "discarded"

    assert outcomes_of(job) == ["ModuleArtifactDeployed"]
    assert Artifact.objects.get().wasm_hash == hash_of(wasm(2))
    assert verify_world("demo").ok


def test_m13_a_result_that_comes_after_the_end_leaves_no_content() -> None:
    job = request()
    run_job(job.pk)
    before = Content.objects.count()

    assert finish(Lease(job.pk, "stale"), result_of(9)) == "discarded"

    assert Content.objects.count() == before


def test_q03_a_job_that_loses_every_worker_ends_by_an_event() -> None:
    job = request()
    for _ in range(settings.ENVIRONMENT.compile_attempts):
        assert claim(job.pk) is not None
        let_lease_run_out(job)

    assert run_job(job.pk) == JobState.FAILED

    document = document_of(job)
    assert document["rejection"]["code"] == "compile_worker_lost"
    assert document["rejection"]["facts"]["detail"] == {
        "attempts": settings.ENVIRONMENT.compile_attempts
    }
    assert outcomes_of(job) == ["ActionRejected"]
    assert run_job(job.pk) == "not_claimed"


def test_a_stopping_worker_gives_its_job_back_and_another_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = request("ada", "main.c", ENDLESS_C)
    # What a worker's first process tells the others, without a cluster of processes around it.
    monkeypatch.setattr(queue, "_stopping", b"\1")
    assert run_job(job.pk) == "given_back"

    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_token) == (JobState.QUEUED, 0, None)
    assert outcomes_of(job) == []
    assert claim(job.pk) is not None


def test_a_worker_that_lost_its_lease_while_compiling_gives_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = request("ada", "main.c", ENDLESS_C)

    def lose(lease: Lease, log_tail: str) -> bool:
        CompileJob.objects.filter(pk=job.pk).update(lease_token="another")
        return renew(lease, log_tail)

    monkeypatch.setattr("lifecycle.usecases.compile.renew", lose)

    assert run_job(job.pk) == "discarded"

    job.refresh_from_db()
    assert (job.state, job.lease_token) == (JobState.RUNNING, "another")


# Takes the compiler seconds: longer than the first tick, at which the worker is told to stop.
ENDLESS_C = (
    "#define A(x) x x x x x x x x\n"
    "int f(int n) {\n"
    "A(A(A(A(A(A(n = n * 3 + 1; if (n & 1) n ^= n << 3; else n = ~n;))))))\n"
    "return n; }\n"
)


def test_a_lease_that_was_lost_is_not_given_back() -> None:
    job = request()
    lease = claim(job.pk)
    assert lease is not None
    let_lease_run_out(job)
    assert run_job(job.pk) == JobState.SUCCEEDED

    assert renew(lease) is False
    assert finish(lease, CompileFailed("compile_cancelled", {}, (), 0)) == "discarded"


@pytest.mark.django_db(transaction=True)
def test_the_queue_carries_a_number_and_the_job_is_handed_out_again_when_it_is_lost() -> None:
    job = request()
    [entry] = OrmQ.objects.all()
    assert entry.task["args"] == (job.pk,)
    OrmQ.objects.all().delete()

    assert reap() == 0
    CompileJob.objects.update(enqueued_at=utc_now() - LONG_AGO)
    assert reap() == 1
    assert reap() == 0

    [entry] = OrmQ.objects.all()
    assert entry.task["func"] == "lifecycle.tasks.compile.compile_package"
    assert entry.task["args"] == (job.pk,)
    OrmQ.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_lost_worker_is_handed_out_behind_many_that_wait() -> None:
    limit = settings.ENVIRONMENT.max_pending_compiles
    for agent in ("ada", "bob"):
        for _ in range(limit):
            request(agent)
    last = CompileJob.objects.order_by("-pk")[0]
    claim(last.pk)
    let_lease_run_out(last)
    OrmQ.objects.all().delete()

    assert reap() == 1

    assert [entry.task["args"] for entry in OrmQ.objects.all()] == [(last.pk,)]
    OrmQ.objects.all().delete()
