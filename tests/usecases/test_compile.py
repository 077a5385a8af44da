"""Real compiles: an artifact with its provenance, or a refusal that helps."""

import pytest
from django.conf import settings

from lifecycle.codec.packages import encode_package
from lifecycle.content import store as content
from lifecycle.core.ids import AgentId
from lifecycle.core.source_package import SourcePackage
from lifecycle.journal.reading import stream_checked
from lifecycle.models.content import ModuleInspection
from lifecycle.models.decisions import DecisionStatus
from lifecycle.models.jobs import CompileCacheEntry, CompileJob, JobState, ToolchainReport
from lifecycle.models.projections import Artifact, Publication
from lifecycle.tasks.compile import compile_package
from lifecycle.toolchains.results import Compiled
from lifecycle.usecases.compile import claim, finish, run_job
from lifecycle.usecases.compilers import find_status, report_toolchains
from lifecycle.usecases.inspections import find_inspection
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import tamper
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm
from tests.usecases.compiling import document_of, outcomes_of, request
from tests.usecases.histories import BAD_WAT, GOOD_WAT, compile_wat

pytestmark = pytest.mark.django_db

GOOD_C = "int answer(void) { return 42; }\n"


@pytest.fixture(autouse=True)
def _world() -> None:
    found_world()


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


def test_a_module_that_the_validator_refuses_is_a_refusal_with_file_line_and_text() -> None:
    text = """(module
  (import "host" "log" (func (param i32)))
  (func (export "right") (result i32) i32.const 1)
  (func (export "wrong") (result i32)
    i64.const 7))"""
    job = request("ada", "a.wat", text)

    assert compile_package(job.pk) == JobState.FAILED

    document = document_of(job)
    [remark] = document["diagnostics"]
    assert document["rejection"]["code"] == "invalid_wasm"
    assert (remark["file"], remark["line"], remark["column"]) == ("a.wat", 4, 3)
    assert remark["message"].startswith("function 2 ('wrong'), byte ")
    assert "expected i32, found i64" in remark["message"]
    assert verify_world("demo").ok


def test_bytes_that_are_refused_after_a_compile_are_not_kept() -> None:
    job = request()
    lease = claim(job.pk)
    assert lease is not None
    refused = b"\0asm\x0d\0\1\0"

    finish(lease, Compiled(refused, "wat", "1", "0" * 64, (), (), 1))

    assert content.measure(hash_of(refused)) is None


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
