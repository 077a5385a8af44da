"""Events and content are written once: model, query set and database refuse the rest."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from lifecycle.access.callers import get_any_world
from lifecycle.journal.triggers import GUARDED_TABLES, lacking_triggers
from lifecycle.models.append_only import AppendOnlyError, AppendOnlyModel
from lifecycle.models.audits import CheckJob, Checkpoint, CheckpointKey, CheckResult
from lifecycle.models.content import Content
from lifecycle.models.journal import JournalEvent
from lifecycle.models.teams import WorldChange
from lifecycle.usecases.changes import By
from lifecycle.usecases.check_jobs import CheckRequest, ask_check, run_check
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.invitations import Wanted, invite
from tests.journal.tampering import ask, run
from tests.service import deploy, found_world, wasm

pytestmark = pytest.mark.django_db

MODELS = (JournalEvent, Content, WorldChange, CheckResult, CheckpointKey, Checkpoint)
CHANGES = {
    "lifecycle_journalevent": "UPDATE lifecycle_journalevent SET tick = tick",
    "lifecycle_content": "UPDATE lifecycle_content SET size_bytes = size_bytes",
    "lifecycle_worldchange": "UPDATE lifecycle_worldchange SET account = account",
    "lifecycle_checkresult": "UPDATE lifecycle_checkresult SET ok = ok",
    "lifecycle_checkpointkey": "UPDATE lifecycle_checkpointkey SET name = name",
    "lifecycle_checkpoint": "UPDATE lifecycle_checkpoint SET seq = seq",
}


@pytest.fixture(autouse=True)
def _a_world_with_events_and_content() -> None:
    found_world()
    deploy("ada", wasm())
    demo = get_any_world("demo")
    invite(demo, Wanted("viewer"), By(None, "command"))
    ask_check(demo, CheckRequest(None, "command"))
    run_check(CheckJob.objects.get().pk)
    make_checkpoint("demo", channel="command")


@pytest.mark.parametrize("table", GUARDED_TABLES)
def test_a01_the_database_refuses_an_update_that_changes_nothing(table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(CHANGES[table])


@pytest.mark.parametrize("table", GUARDED_TABLES)
def test_the_database_refuses_to_delete(table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"DELETE FROM {table}")  # noqa: S608 - a fixed name


@pytest.mark.parametrize("table", GUARDED_TABLES)
def test_the_database_refuses_to_empty_a_table(table: str) -> None:
    # SQLite has no TRUNCATE; its nearest is a delete without a condition.
    cascade = "" if connection.vendor == "sqlite" else "CASCADE"
    verb = "DELETE FROM" if connection.vendor == "sqlite" else "TRUNCATE"
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"{verb} {table} {cascade}")


def test_the_database_refuses_to_write_an_event_over_another() -> None:
    row = "SELECT world_id, 99, tick, kind, recorded_at, {prev}, hash, 'x' FROM {table} "
    columns = "world_id, seq, tick, kind, recorded_at, prev_hash, hash, body"
    table = "lifecycle_journalevent"
    same_place = row.replace("99", "seq").format(prev="'other'", table=table)
    same_follower = row.format(prev="prev_hash", table=table)
    verb = "INSERT OR REPLACE INTO" if connection.vendor == "sqlite" else "INSERT INTO"
    before = ask("SELECT seq, hash, body FROM lifecycle_journalevent ORDER BY seq")

    for values in (same_place, same_follower):
        with pytest.raises(IntegrityError), transaction.atomic():
            run(f"{verb} {table} ({columns}) {values} WHERE seq = 2")

    assert ask("SELECT seq, hash, body FROM lifecycle_journalevent ORDER BY seq") == before


def test_content_is_not_written_over() -> None:
    verb, end = (
        ("INSERT OR REPLACE INTO", "")
        if connection.vendor == "sqlite"
        else ("INSERT INTO", "ON CONFLICT DO NOTHING")
    )

    run(
        f"{verb} lifecycle_content (digest, size_bytes, compressed) "  # noqa: S608 - fixed names
        f"SELECT digest, 1, compressed FROM lifecycle_content WHERE 1 = 1 {end}"
    )

    assert Content.objects.get().size_bytes == len(wasm())


def test_the_guard_is_known_by_its_triggers() -> None:
    assert lacking_triggers(connection) == set()


@pytest.mark.parametrize("model", MODELS)
def test_a01_a_stored_row_is_not_saved_again(model: type[AppendOnlyModel]) -> None:
    row = model.objects.all()[0]

    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()


@pytest.mark.parametrize("model", MODELS)
def test_a_query_set_changes_nothing(model: type[AppendOnlyModel]) -> None:
    rows = model.objects.all()

    with pytest.raises(AppendOnlyError):
        rows.update()
    with pytest.raises(AppendOnlyError):
        rows.delete()
    with pytest.raises(AppendOnlyError):
        rows.bulk_update(list(rows), ["pk"])
    with pytest.raises(AppendOnlyError):
        rows.bulk_create(list(rows), update_conflicts=True)


def test_a_row_is_inserted_once() -> None:
    Content(digest="0" * 64, size_bytes=1, compressed=b"").save()

    assert Content.objects.filter(digest="0" * 64).count() == 1
