"""Checks by the worker: what their results tell, and that each job is run once."""

from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django.fixtures import Settings

from lifecycle.access.callers import get_any_world
from lifecycle.journal.store import get_head
from lifecycle.models.audits import CheckJob, CheckResult, CheckState
from lifecycle.models.content import Content
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import Artifact, Publication
from lifecycle.tasks.audit import check
from lifecycle.usecases import check_jobs
from lifecycle.usecases.check_jobs import CheckRequest, ask_check, reap_checks
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.errors import BusyError, InvalidParameterError, NotFoundError
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import tamper
from tests.service import compile_source, decide, deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db
HASH = hash_of(wasm())


def live() -> None:
    """Found a world with an artifact that two agents own: events 5 and 6 of 7."""
    found_world()
    deploy("ada", wasm(), module_id="clock")
    deploy("bob", wasm())
    decide("ada", "wait")


def ask(
    from_seq: int = 1, to_seq: int | None = None, wasm_hash: str | None = None, by: str = "eve"
) -> CheckJob:
    """Ask for a check of the world."""
    return ask_check(get_any_world("demo"), CheckRequest(by, "api", from_seq, to_seq, wasm_hash))


def result_of(
    from_seq: int = 1, to_seq: int | None = None, wasm_hash: str | None = None
) -> CheckResult:
    """Ask for a check, run it, and give its result."""
    job = ask(from_seq, to_seq, wasm_hash)
    assert check(job.pk) == "done"
    return CheckResult.objects.get(check_id=job.check_id)


def test_e25_a_result_states_who_asked_range_head_digest_and_time() -> None:
    live()
    asked_at = utc_now()

    result = result_of()

    head = get_head("demo")
    assert (result.account, result.channel, result.ok) == ("eve", "api", True)
    assert (result.from_seq, result.to_seq, result.events_checked) == (1, 7, 7)
    assert (result.head_seq, result.head_hash) == (7, head.hash)
    assert result.state_digest == state_at("demo").digest
    assert result.checks == "chain, invariants, projections"
    assert asked_at <= result.asked_at <= result.checked_at <= utc_now()


def test_e25_a_range_is_told_as_one() -> None:
    live()

    result = result_of(3, 5)

    assert (result.from_seq, result.to_seq, result.events_checked) == (3, 5, 3)
    assert (result.checks, result.state_digest) == ("chain", None)


def test_e15_a_row_that_was_edited_is_named_and_the_result_is_kept() -> None:
    live()
    tamper("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 6")

    result = result_of()

    assert not result.ok
    assert (result.fault_seq, result.fault_code) == (6, "column_mismatch")
    with pytest.raises(TypeError, match="written once"):
        result.save()


def test_e15_a_table_that_differs_is_named() -> None:
    live()
    Artifact.objects.update(publisher_agent_id="bob")

    assert result_of().differing_tables == "module_artifacts"


def test_a_world_whose_head_was_taken_away_has_a_result_too() -> None:
    live()
    tamper("DELETE FROM lifecycle_journalhead")

    assert result_of().fault_code == "head_mismatch"


def test_an_artifact_is_checked_by_its_events_bytes_and_rows() -> None:
    live()

    result = result_of(wasm_hash=f"sha256:{HASH.upper()}")

    assert result.ok
    assert (result.wasm_hash, result.checks) == (HASH, "events, content, projections")
    assert (result.from_seq, result.to_seq, result.events_checked) == (5, 6, 2)


@pytest.mark.parametrize(
    ("sql", "seq", "code"),
    [
        ("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 6", 6, "column_mismatch"),
        ("UPDATE lifecycle_journalevent SET prev_hash = 'x' WHERE seq = 5", 5, "column_mismatch"),
        ("UPDATE lifecycle_journalevent SET prev_hash = 'x' WHERE seq = 7", 7, "column_mismatch"),
        (
            "UPDATE lifecycle_journalevent SET body = replace(body, 'bob', 'bot') WHERE seq = 6",
            6,
            "hash_mismatch",
        ),
        ("DELETE FROM lifecycle_journalevent WHERE seq = 6", 6, "missing"),
        ("DELETE FROM lifecycle_journalevent WHERE seq = 4", 4, "missing"),
        (
            "UPDATE lifecycle_journalevent SET kind = 'AgentMoved' WHERE seq = 6",
            6,
            "column_mismatch",
        ),
        ("UPDATE lifecycle_content SET compressed = 'x'", 5, "content_missing"),
        ("DELETE FROM lifecycle_content", 5, "content_missing"),
        ("UPDATE lifecycle_publication SET seq = 3 WHERE agent_id = 'bob'", 3, "artifact_unknown"),
    ],
)
def test_e15_an_artifact_that_was_tampered_with_is_found_out(sql: str, seq: int, code: str) -> None:
    live()
    assert tamper(sql)

    result = result_of(wasm_hash=HASH)

    assert (result.ok, result.fault_seq, result.fault_code) == (False, seq, code)


def test_e15_rows_that_differ_from_the_artifacts_events_are_named() -> None:
    live()
    Artifact.objects.update(module_id_hint="bell")
    Publication.objects.filter(agent_id="bob").delete()

    result = result_of(wasm_hash=HASH)

    assert (result.ok, result.fault_seq) == (False, None)
    assert result.differing_tables == "artifacts, owners"


def test_the_sources_of_a_compiled_artifact_are_checked_too() -> None:
    found_world()
    compile_source("ada", "bell", "a.wat", {"a.wat": "(module)"})
    job = CompileJob.objects.get()
    run_job(job.pk)
    compiled = Artifact.objects.get().wasm_hash
    assert result_of(wasm_hash=compiled).ok
    tamper("DELETE FROM lifecycle_content WHERE digest = %s", [job.source_digest])
    assert Content.objects.count() == 1

    assert result_of(wasm_hash=compiled).fault_code == "content_missing"


@pytest.mark.parametrize(("first", "last"), [(0, None), (9, None), (5, 4), (1, 8)])
def test_a_range_outside_of_the_journal_is_refused(first: int, last: int | None) -> None:
    live()

    with pytest.raises(InvalidParameterError) as refused:
        ask(first, last)

    assert refused.value.facts["accepted"] == "a range of events within 1 to 7"


def test_an_artifact_of_another_world_is_unknown() -> None:
    live()
    found_world("theirs")
    deploy("ada", wasm(2), world="theirs")

    with pytest.raises(NotFoundError):
        ask(wasm_hash=hash_of(wasm(2)))
    with pytest.raises(InvalidParameterError):
        ask(wasm_hash="0xzz")


def test_of_two_checks_that_are_alike_and_unfinished_there_is_one() -> None:
    live()

    assert ask() == ask()
    assert ask() != ask(by="mallory")
    assert CheckJob.objects.count() == 2


def test_no_more_than_some_checks_of_a_world_wait() -> None:
    live()
    for seq in range(1, 8):
        ask(seq)
    ask(wasm_hash=HASH)

    with pytest.raises(BusyError):
        ask(1, 1)


def test_q01_a_check_that_is_delivered_twice_is_run_once() -> None:
    live()
    job = ask()

    assert [check(job.pk), check(job.pk)] == ["done", "not_claimed"]
    assert CheckResult.objects.count() == 1


def test_q03_a_check_over_which_workers_are_lost_fails_in_the_end(settings: Settings) -> None:
    live()
    job = ask()
    attempts = settings.ENVIRONMENT.compile_attempts
    CheckJob.objects.update(
        state=CheckState.RUNNING, attempts=attempts, lease_expires_at=utc_now() - timedelta(hours=1)
    )

    assert check(job.pk) == "failed"

    job.refresh_from_db()
    assert job.failure_code == "check_worker_lost"
    assert not CheckResult.objects.exists()


def test_q15_a_worker_that_lost_its_lease_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    live()
    job = ask()

    def lose_the_lease_and_verify(*args: object, **kwargs: object) -> object:
        CheckJob.objects.update(lease_token=new_id())
        return verify_world(*args, **kwargs)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(check_jobs, "verify_world", lose_the_lease_and_verify)

    assert check(job.pk) == "discarded"
    assert not CheckResult.objects.exists()


def test_a_worker_that_is_told_to_stop_gives_its_check_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live()
    job = ask()
    monkeypatch.setattr("lifecycle.usecases.verify._PROGRESS_STEP", 1)
    monkeypatch.setattr(check_jobs, "worker_is_stopping", lambda: True)

    assert check(job.pk) == "given_back"

    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_token) == (CheckState.QUEUED, 0, None)


def test_checks_that_were_lost_or_forgotten_are_handed_out_again() -> None:
    live()
    ask()
    assert reap_checks() == 0
    CheckJob.objects.update(enqueued_at=F("enqueued_at") - timedelta(minutes=1))

    assert reap_checks() == 1
    assert reap_checks() == 0
