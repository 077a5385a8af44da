"""Compile jobs with the real compilers: one outcome each, whatever happens to workers and queue."""

from datetime import timedelta

import pytest
from django.conf import settings
from django_q.models import OrmQ

from lifecycle.codec.packages import encode_package
from lifecycle.content import store as content
from lifecycle.core.ids import AgentId
from lifecycle.core.source_package import SourcePackage
from lifecycle.journal.reading import stream_checked
from lifecycle.journal.store import get_head
from lifecycle.models.content import Content, ModuleInspection
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.jobs import CompileCacheEntry, CompileJob, JobState, ToolchainReport
from lifecycle.models.projections import Artifact, Publication
from lifecycle.tasks.compile import compile_package
from lifecycle.toolchains.results import Compiled, CompileFailed
from lifecycle.usecases import queue
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import Lease, claim, finish, reap, renew, run_job
from lifecycle.usecases.compilers import find_status, report_toolchains
from lifecycle.usecases.documents import Document, decision_document
from lifecycle.usecases.inspections import find_inspection
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import tamper
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm
from tests.usecases.histories import BAD_WAT, GOOD_WAT, compile_wat, job_of

pytestmark = pytest.mark.django_db

GOOD_C = "int answer(void) { return 42; }\n"
LONG_AGO = timedelta(days=1)


@pytest.fixture(autouse=True)
def _world() -> None:
    found_world()


def request(
    agent: str = "ada", manifest: str = "a.wat", text: str = GOOD_WAT, module_id: str = "clock"
) -> CompileJob:
    """Ask for a compile."""
    return job_of(compile_source(agent, module_id, manifest, {manifest: text}))


def document_of(job: CompileJob) -> Document:
    """Give the job's decision as everybody reads it."""
    return decision_document("demo", Decision.objects.get(decision_id=job.decision_id))


def let_lease_run_out(job: CompileJob) -> None:
    """Let a job's worker have been silent for long."""
    CompileJob.objects.filter(pk=job.pk).update(
        lease_expires_at=utc_now() - LONG_AGO, enqueued_at=utc_now() - LONG_AGO
    )


def outcomes_of(job: CompileJob) -> list[str]:
    """Give the kinds of the events of a decision after its request."""
    return [
        type(recorded.event).__name__
        for recorded in stream_checked(job.world_id)
        if recorded.decision_id == job.decision_id and recorded.seq > job.request_seq
    ]


@pytest.mark.parametrize(
    ("toolchain", "manifest", "text"), [("wat", "a.wat", GOOD_WAT), ("c", "main.c", GOOD_C)]
)
def test_a_compile_ends_in_an_artifact_that_knows_where_it_came_from(
    toolchain: str, manifest: str, text: str
) -> None:
    job = request("ada", manifest, text)
    assert document_of(job)["status"] == "compiling"

    assert compile_package(job.pk) == JobState.SUCCEEDED

    job.refresh_from_db()
    document = document_of(job)
    deployed = document["events"][-1]["payload"]
    status = find_status(toolchain)
    assert document["status"] == "applied"
    assert [event["kind"] for event in document["events"]] == [
        "ModuleCompileRequested",
        "ModuleArtifactDeployed",
    ]
    assert deployed["wasm_hash"] == job.wasm_hash
    assert deployed["module_id_hint"] == "clock"
    assert deployed["provenance"] == {
        "request_seq": job.request_seq,
        "source_digest": hash_of(encode_package(SourcePackage(manifest, {manifest: text}))),
        "toolchain": toolchain,
        "toolchain_version": status.version,
        "toolchain_digest": status.digest,
        "flags": list(status.flags),
    }
    assert hash_of(content.get(deployed["wasm_hash"])) == deployed["wasm_hash"]
    assert find_inspection(deployed["wasm_hash"]) is not None
    assert (job.from_cache, job.lease_token, job.attempts) == (False, None, 1)
    assert install("ada", content.get(deployed["wasm_hash"]), "clock").appended
    assert verify_world("demo").ok


@pytest.mark.parametrize(
    ("manifest", "text"), [("a.wat", BAD_WAT), ("main.c", "int answer(void) { return x; }\n")]
)
def test_a_failed_compile_is_a_refusal_with_diagnostics(manifest: str, text: str) -> None:
    job = request("ada", manifest, text)

    assert run_job(job.pk) == JobState.FAILED

    job.refresh_from_db()
    document = document_of(job)
    assert document["status"] == "rejected"
    assert document["rejection"]["code"] == job.failure_code == "compile_failed"
    [first, *_] = document["diagnostics"]
    assert (first["file"], first["severity"]) == (manifest, "error")
    assert first["line"] == 1
    assert outcomes_of(job) == ["ActionRejected"]
    assert not Artifact.objects.exists()
    assert verify_world("demo").ok


def test_m07_a_failed_compile_is_never_shown_as_done_and_the_installed_module_stays() -> None:
    deploy("ada", wasm(), module_id="clock")
    install("ada", wasm(), "clock")

    assert compile_wat("ada", BAD_WAT) == JobState.FAILED

    job = CompileJob.objects.get()
    assert (job.state, job.wasm_hash, job.failure_code) == ("failed", None, "compile_failed")
    assert Artifact.objects.get().wasm_hash == hash_of(wasm())


def test_the_same_sources_come_from_the_cache_with_the_same_provenance() -> None:
    first = request()
    run_job(first.pk)

    second = request()
    assert run_job(second.pk) == JobState.SUCCEEDED

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.wasm_hash == first.wasm_hash
    payloads = [document_of(job)["events"][-1]["payload"]["provenance"] for job in (first, second)]
    assert [payload.pop("request_seq") for payload in payloads] == [
        first.request_seq,
        second.request_seq,
    ]
    assert payloads[0] == payloads[1]
    assert verify_world("demo").ok


def test_another_agent_gets_the_same_bytes_from_the_cache_and_becomes_an_owner() -> None:
    run_job(request("ada").pk)

    run_job(request("bob").pk)

    assert Artifact.objects.get().publisher_agent_id == "ada"
    assert set(Publication.objects.values_list("agent_id", flat=True)) == {"ada", "bob"}
    assert verify_world("demo").ok


def test_who_owns_the_bytes_already_gets_an_outcome_all_the_same() -> None:
    run_job(request("ada").pk)
    again = request("ada")

    assert run_job(again.pk) == JobState.SUCCEEDED

    assert outcomes_of(again) == ["ModuleArtifactDeployed"]
    assert Publication.objects.count() == 1
    assert verify_world("demo").ok


def test_cached_bytes_that_were_altered_are_not_used() -> None:
    first = request()
    run_job(first.pk)
    first.refresh_from_db()
    altered = [b"altered", first.wasm_hash]
    tamper("UPDATE lifecycle_content SET compressed = %s WHERE digest = %s", altered)
    second = request()

    assert run_job(second.pk) == JobState.SUCCEEDED

    second.refresh_from_db()
    assert not second.from_cache


def test_a_failure_is_not_cached() -> None:
    run_job(request(text=BAD_WAT).pk)

    assert not CompileCacheEntry.objects.exists()


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

    def lose(lease: Lease) -> bool:
        CompileJob.objects.filter(pk=job.pk).update(lease_token="another")
        return renew(lease)

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


def test_an_agent_has_so_many_unfinished_compiles_and_no_more() -> None:
    limit = settings.ENVIRONMENT.max_pending_compiles
    jobs = [request("ada") for _ in range(limit)]

    refused = compile_source("ada", "clock", "a.wat", {"a.wat": GOOD_WAT})
    assert refused.rejection is not None
    assert (refused.status, refused.rejection.code) == (DecisionStatus.REJECTED, "limit_exceeded")
    assert compile_source("bob", "clock", "a.wat", {"a.wat": GOOD_WAT}).appended
    run_job(jobs[0].pk)

    assert request("ada").state == JobState.QUEUED


def test_a_toolchain_that_the_workers_lack_is_refused_at_once() -> None:
    report_toolchains()
    ToolchainReport.objects.filter(name="c").update(available=False, install_hint="get one")

    refused = compile_source("ada", "clock", "main.c", {"main.c": GOOD_C})

    assert refused.rejection is not None
    assert refused.rejection.code == "toolchain_unavailable"
    assert refused.rejection.facts["install_hint"] == "get one"
    assert not CompileJob.objects.exists()


def test_bytes_that_a_compiler_gave_and_the_world_does_not_accept_are_refused() -> None:
    job = request()
    lease = claim(job.pk)
    assert lease is not None

    state = finish(lease, Compiled(b"\0asm\x0d\0\1\0", "wat", "1", "0" * 64, (), (), 1))

    assert state == JobState.FAILED
    assert document_of(job)["rejection"]["code"] == "invalid_wasm"
    assert verify_world("demo").ok


def test_the_outcome_is_by_the_one_who_asked() -> None:
    job = request("bob")
    run_job(job.pk)

    last = list(stream_checked(job.world_id))[-1]

    assert (last.actor.agent_id, last.actor.channel) == (AgentId("bob"), "api")
    assert decide("bob", "wait").appended


def test_a_lost_inspection_is_made_again_from_the_bytes() -> None:
    deploy("ada", wasm())
    kept = find_inspection(hash_of(wasm()))
    ModuleInspection.objects.all().delete()

    assert kept is not None
    assert find_inspection(hash_of(wasm())) == kept
    assert ModuleInspection.objects.count() == 1


def test_bytes_that_are_no_module_have_no_inspection() -> None:
    content.store(content.prepare(b"no module"))

    assert find_inspection(hash_of(b"no module")) is None
