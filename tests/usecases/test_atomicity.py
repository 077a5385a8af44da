"""A decision is written whole or not at all, and costs the same however long the journal is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lifecycle.core.actions import WaitTicks
from lifecycle.core.events import Actor
from lifecycle.core.ids import AgentId
from lifecycle.journal.reading import read_events
from lifecycle.journal.statements import Statement
from lifecycle.journal.store import get_head
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.export import export_world
from lifecycle.usecases.limits import policy
from lifecycle.usecases.recording import Stamp, judge, record
from lifecycle.usecases.submit import Submission, dry_run, keep_malformed
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import ask, run
from tests.service import compile_source, decide, deploy, found_world, install, wasm
from tests.usecases.histories import GOOD_WAT, every_table


@contextmanager
def refusing_inserts(table: str) -> Iterator[None]:
    """Let the database itself refuse every new row of a table."""
    if connection.vendor == "sqlite":
        create = (
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        )
        drop = "DROP TRIGGER refuse"
    else:
        create = f"ALTER TABLE {table} ADD CONSTRAINT refuse CHECK (false) NOT VALID"
        drop = f"ALTER TABLE {table} DROP CONSTRAINT refuse"
    run(create)
    yield
    run(drop)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "table",
    [
        "lifecycle_journalevent",
        "lifecycle_decision",
        "lifecycle_content",
        "lifecycle_moduleinspection",
        "lifecycle_artifact",
        "lifecycle_publication",
    ],
)
def test_a_deploy_that_fails_anywhere_leaves_nothing(table: str) -> None:
    found_world()
    before = every_table()

    with refusing_inserts(table), pytest.raises(DatabaseError):
        deploy("ada", wasm())

    assert every_table() == before
    assert deploy("ada", wasm()).status is DecisionStatus.APPLIED
    assert verify_world("demo").ok


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["lifecycle_installedmodule", "lifecycle_moduleversion"])
def test_an_install_that_fails_anywhere_leaves_nothing(table: str) -> None:
    found_world()
    deploy("ada", wasm())
    before = every_table()

    with refusing_inserts(table), pytest.raises(DatabaseError):
        install("ada", wasm(), "clock")

    assert every_table() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["lifecycle_compilejob", "lifecycle_decision"])
def test_a_compile_request_that_fails_anywhere_leaves_nothing_not_even_in_the_queue(
    table: str,
) -> None:
    found_world()
    before = every_table()

    with refusing_inserts(table), pytest.raises(DatabaseError):
        compile_source("ada", "clock", "a.wat", {"a.wat": GOOD_WAT})

    assert every_table() == before


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_cannot_be_reached_loses_nothing() -> None:
    found_world()

    with refusing_inserts("django_q_ormq"):
        outcome = compile_source("ada", "clock", "a.wat", {"a.wat": GOOD_WAT})

    assert outcome.status is DecisionStatus.COMPILING
    assert ask("SELECT state FROM lifecycle_compilejob") == [("queued",)]


@pytest.mark.django_db
def test_a_dry_run_judges_and_writes_nothing() -> None:
    found_world()
    before = every_table()
    submission = Submission("demo", AgentId("ada"), None, "api")

    for body, status in (
        (b'{"decision": "wait"}', DecisionStatus.APPLIED),
        (b'{"decision": "move_agent", "to": "hub"}', DecisionStatus.UNCHANGED),
        (b'{"decision": "move_agent", "to": "nowhere"}', DecisionStatus.REJECTED),
    ):
        parsed = parse_decision(body)
        assert not isinstance(parsed, Malformed)
        assert dry_run(submission, parsed).status is status

    # That it was tried counts towards the rate of the agent's submits, and is no fact of the world.
    after = every_table()
    assert len(after.pop("lifecycle_allowance")) == 1
    del before["lifecycle_allowance"]
    assert after == before


@pytest.mark.django_db
def test_malformed_input_is_kept_and_never_journaled() -> None:
    found_world()
    body = b'{"decision": "wait", "ticks": "\\u0000 0x10"}'
    malformed = parse_decision(body)
    assert isinstance(malformed, Malformed)
    submission = Submission("demo", AgentId("ada"), None, "api", None, body.decode() + "\0")

    outcome = keep_malformed(submission, malformed, body)

    assert outcome.status is DecisionStatus.MALFORMED
    assert get_head("demo").seq == 4
    kept = Decision.objects.get(decision_id=outcome.decision_id)
    assert (kept.first_seq, kept.last_seq) == (None, None)
    assert kept.raw_reply == body.decode() + "\ufffd"


def statements_of_a_wait(monkeypatch: pytest.MonkeyPatch) -> int:
    """Count the SQL statements of one wait: those through Django's cursor and those past it."""
    counted: list[str] = []
    run_statement = Statement.run

    def counting(self: Statement, values: Sequence[Any]) -> Any:  # noqa: ANN401 - as the original
        counted.append(self._sqlite)
        return run_statement(self, values)

    with monkeypatch.context() as patched, CaptureQueriesContext(connection) as captured:
        patched.setattr(Statement, "run", counting)
        decide("ada", "wait")
    return len(captured) + len(counted)


def lengthen_by(count: int) -> None:
    """Append many waits at once."""
    with transaction.atomic():
        head = get_head("demo")
        judgement = judge(head, WaitTicks(AgentId("ada"), 1), policy("demo"))
        stamp = Stamp(None, Actor(None, AgentId("ada"), "api"), utc_now())
        record(head, judgement.state, judgement.events * count, stamp)


@pytest.mark.django_db
def test_a_wait_takes_as_many_statements_after_20000_events_as_after_200(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found_world()
    lengthen_by(200)
    early = statements_of_a_wait(monkeypatch)
    lengthen_by(20_000)

    late = statements_of_a_wait(monkeypatch)

    assert get_head("demo").seq > 20_000
    assert late == early
    assert 0 < late < 12


@pytest.mark.django_db(transaction=True)
def test_e21_a_full_disk_stops_an_append_and_nothing_else() -> None:
    found_world()

    with full_disk():
        with pytest.raises(DatabaseError, match=r"full|No space"):
            fill_up()
        last = get_head("demo")
        assert verify_world("demo").ok
        assert state_at("demo").seq == last.seq
        assert read_events(last.world_pk, after=last.seq - 1)[0].hash == last.hash
        assert b"".join(export_world("demo")).count(b'{"event":') == last.seq

    assert decide("ada", "wait").status is DecisionStatus.APPLIED
    assert get_head("demo").seq == last.seq + 1
    assert verify_world("demo").ok


@contextmanager
def full_disk() -> Iterator[None]:
    """Leave the database no room to grow: by a limit of SQLite's, or by PostgreSQL's own error."""
    if connection.vendor == "sqlite":
        [(pages,)] = ask("PRAGMA page_count")
        run(f"PRAGMA max_page_count = {pages + 8}")
        yield
        run("PRAGMA max_page_count = 1073741823")
        return
    # The tests have no disk of their own to fill there; a trigger ends with the same error.
    run("""
        CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.seq > 30 THEN
                RAISE EXCEPTION USING MESSAGE = 'No space left on device', ERRCODE = 'disk_full';
            END IF;
            RETURN NEW;
        END $$
    """)
    run(
        "CREATE TRIGGER no_space AFTER INSERT ON lifecycle_journalevent "
        "FOR EACH ROW EXECUTE FUNCTION no_space()"
    )
    yield
    run("DROP FUNCTION no_space CASCADE")


def fill_up() -> None:
    """Write until the disk is full."""
    for number in range(10_000):
        deploy("ada", wasm(number))
