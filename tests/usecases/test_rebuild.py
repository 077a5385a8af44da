"""Projections are derived from the journal again, or stay as they were."""

import pytest

from lifecycle.journal.errors import JournalBrokenError
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.journal import JournalEvent
from lifecycle.models.projections import Agent, Artifact, InstalledModule, Publication
from lifecycle.projections.whole import TABLES
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.journal.tampering import ask, run, set_event, take_out
from tests.service import deploy, found_world, hash_of, wasm
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Give all rows of the projections, without their numbers."""
    return {
        table._meta.db_table: sorted(
            table._default_manager.values_list(
                *[field.attname for field in table._meta.fields if field.attname != "id"]
            ),
            key=repr,
        )
        for table in (*TABLES, CompileJob)
    }


def test_e29_lost_projections_come_back_from_the_journal() -> None:
    varied_world()
    before = rows()
    for table in TABLES:
        table._default_manager.all().delete()
    assert not verify_world("demo").ok

    report = rebuild_world("demo")

    assert report.ok
    assert rows() == before


def test_e15_altered_projections_come_back_from_the_journal() -> None:
    varied_world()
    before = rows()
    Agent.objects.update(location_id="nowhere")
    Artifact.objects.update(publisher_agent_id="mallory")
    InstalledModule.objects.update(active=True, module_version="9")
    Publication.objects.all().delete()

    assert rebuild_world("demo").ok
    assert rows() == before


def test_a_rebuild_of_a_sound_world_changes_nothing() -> None:
    varied_world()
    before = rows()
    told: list[int] = []

    report = rebuild_world("demo", progress=told.append)

    assert report.ok
    assert rows() == before
    assert told == [1]


def test_a_lost_job_is_made_again_from_its_request() -> None:
    varied_world()
    unfinished = CompileJob.objects.get(state=JobState.QUEUED)
    before = rows()
    CompileJob.objects.all().delete()

    assert rebuild_world("demo").ok

    assert [row[:6] for row in rows()["lifecycle_compilejob"]] == [
        row[:6] for row in before["lifecycle_compilejob"]
    ]
    again = CompileJob.objects.get(state=JobState.QUEUED)
    assert again.request_seq == unfinished.request_seq
    assert run_job(again.pk) == JobState.SUCCEEDED


def test_a_job_marked_as_ended_that_the_journal_knows_no_end_of_is_queued_again() -> None:
    varied_world()
    job = CompileJob.objects.get(state=JobState.QUEUED)
    CompileJob.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, failure_code="forged", attempts=9
    )
    assert not verify_world("demo").ok

    assert rebuild_world("demo").ok

    job.refresh_from_db()
    assert (job.state, job.failure_code, job.attempts) == (JobState.QUEUED, None, 0)
    assert run_job(job.pk) == JobState.SUCCEEDED


def test_e09_a_journal_that_cannot_be_replayed_leaves_the_projections_as_they_were() -> None:
    varied_world()
    before = rows()
    event = JournalEvent.objects.filter(kind="ModuleInstalled").order_by("seq")[0]
    set_event(event.pk, "body", event.body.replace("ada", "eve"))

    with pytest.raises(JournalBrokenError) as caught:
        rebuild_world("demo")

    assert caught.value.seq == event.seq
    assert rows() == before


def test_e09_an_event_that_breaks_an_invariant_is_named() -> None:
    varied_world()
    before = rows()
    [(pk,)] = ask("SELECT id FROM lifecycle_world")
    run("UPDATE lifecycle_agent SET location_id = NULL WHERE world_id = %s", [pk])
    spoilt = rows()
    assert spoilt != before
    digest = hash_of(wasm())
    take_out("lifecycle_content", "digest", digest)

    with pytest.raises(JournalBrokenError) as caught:
        rebuild_world("demo")

    assert caught.value.code == "hash_mismatch"
    assert rows() == spoilt


def test_a_world_is_rebuilt_without_touching_another() -> None:
    found_world("demo")
    found_world("other")
    deploy("ada", wasm(), world="other")
    run("UPDATE lifecycle_publication SET tick = tick + 7")

    rebuild_world("demo")

    assert not verify_world("other").ok
