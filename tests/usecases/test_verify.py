"""Verifying: every change of the past is found, and named by the first place that it spoils."""

import pytest
from django.db import connection

from lifecycle.codec.events import GENESIS_HASH, hash_event
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import get_head
from lifecycle.models.content import Content
from lifecycle.models.journal import JournalEvent
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import delete_events, put_back, run, set_event, take_out, tamper
from tests.service import decide, found_world
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db

EVENT = "lifecycle_journalevent"
COLUMNS = ("tick", "kind", "decision_id", "recorded_at", "prev_hash", "hash", "body", "seq")


def first_fault() -> tuple[int, str] | None:
    """Verify, and give the first bad place with the code of its fault."""
    fault = verify_world("demo").fault
    return None if fault is None else (fault.seq, fault.code)


def flipped(text: str, place: int) -> str:
    """Give a text with one bit of one of its bytes turned over."""
    stored = bytearray(text.encode())
    stored[place] ^= 1
    return stored.decode()


def test_a_world_with_every_kind_of_event_verifies() -> None:
    varied_world()

    report = verify_world("demo")

    assert {row.kind for row in JournalEvent.objects.all()} == {
        "WorldCreated",
        "LocationRegistered",
        "AgentRegistered",
        "AgentMoved",
        "AgentWaited",
        "ModuleCompileRequested",
        "ModuleArtifactDeployed",
        "ModuleInstalled",
        "ActionRejected",
    }
    assert report.ok
    assert report.projections_match


def test_e23_a_flipped_bit_of_any_byte_of_the_body_of_every_event_is_found() -> None:
    varied_world()
    for row in JournalEvent.objects.all():
        for place in (0, len(row.body) // 3, len(row.body) // 2, len(row.body) - 1):
            set_event(row.pk, "body", flipped(row.body, place))

            assert first_fault() == (row.seq, "hash_mismatch")

        set_event(row.pk, "body", row.body)
    assert verify_world("demo").ok


@pytest.mark.parametrize("column", COLUMNS)
def test_e15_e23_a_changed_column_of_every_event_is_found(column: str) -> None:
    varied_world()
    for row in JournalEvent.objects.all():
        true = getattr(row, column)
        false = changed(true)
        set_event(row.pk, column, false)

        fault = verify_world("demo").fault

        assert fault is not None
        assert fault.seq == row.seq
        set_event(row.pk, column, true)
    assert verify_world("demo").ok


def changed(true: str | int | None) -> str | int:
    """Give another value than a column holds."""
    if isinstance(true, int):
        return true + 1000
    return flipped(true, 0) if true else "00000000-0000-0000-0000-000000000000"


def test_e15_a_row_of_every_event_taken_away_is_found() -> None:
    varied_world()
    for row in JournalEvent.objects.all():
        taken = take_out(EVENT, "id", row.pk)

        assert first_fault() == (row.seq, "missing")

        put_back(EVENT, taken)
    assert verify_world("demo").ok


def test_e15_two_events_that_changed_places_are_found() -> None:
    varied_world()
    for seq, other in ((2, 5), (9, 10)):
        swap(seq, other)

        assert first_fault() == (seq, "hash_mismatch")

        swap(seq, other)
    assert verify_world("demo").ok


def swap(seq: int, other: int) -> None:
    """Let two events have each other's bodies."""
    first, second = JournalEvent.objects.filter(seq__in=[seq, other])
    set_event(first.pk, "body", second.body)
    set_event(second.pk, "body", first.body)


def test_e15_a_journal_cut_off_at_its_end_is_found() -> None:
    varied_world()
    end = get_head("demo").seq

    delete_events("seq > %s", [end - 3])

    assert first_fault() == (end - 2, "missing")


def test_e15_an_event_past_the_head_is_found() -> None:
    varied_world()
    end = get_head("demo").seq
    before = JournalEvent.objects.get(seq=end - 1)

    run(
        "UPDATE lifecycle_journalhead SET seq = %s, hash = %s, tick = %s",
        [end - 1, before.hash, before.tick],
    )

    assert first_fault() == (end, "past_head")


def test_e15_a_head_set_back_to_nothing_is_found() -> None:
    found_world()

    run("UPDATE lifecycle_journalhead SET seq = 0, hash = %s, tick = 0", [GENESIS_HASH])

    assert first_fault() == (1, "past_head")


def test_e15_a_head_that_was_taken_away_is_no_unknown_world() -> None:
    found_world()
    end = get_head("demo").seq
    run("DELETE FROM lifecycle_journalhead", [])

    with pytest.raises(JournalBrokenError) as caught:
        verify_world("demo")

    assert (caught.value.seq, caught.value.code) == (end, "head_mismatch")


def test_e15_a_head_with_another_hash_is_found() -> None:
    varied_world()

    run("UPDATE lifecycle_journalhead SET hash = %s", ["1" * 64])

    assert first_fault() == (get_head("demo").seq, "head_mismatch")


def test_e15_an_event_forged_with_a_hash_of_its_own_is_found() -> None:
    found_world()
    decide("ada", "wait_ticks", ticks=2)
    [row] = JournalEvent.objects.filter(kind="AgentWaited")
    forged = row.body.replace('"ticks":2', '"ticks":9')

    set_event(row.pk, "body", forged)
    set_event(row.pk, "hash", hash_event(forged.encode()))

    assert first_fault() == (row.seq, "wrong_tick")


@pytest.mark.parametrize("column", ["body", "hash", "kind"])
def test_e23_text_that_is_no_utf_8_is_found_at_its_place(column: str) -> None:
    varied_world()
    seq = 7
    row = JournalEvent.objects.get(seq=seq)
    if connection.vendor == "sqlite":
        spoilt = f"CAST(x'ff' || {column} AS TEXT)"
    else:  # PostgreSQL lets no such text in; the nearest is a character that was not there.
        spoilt = f"'x' || substr({column}, 2)"
    tamper(f"UPDATE lifecycle_journalevent SET {column} = {spoilt} WHERE id = %s", [row.pk])  # noqa: S608 - a test's own names

    fault = verify_world("demo").fault

    assert fault is not None
    assert fault.seq == seq


def namings() -> dict[str, int]:
    """Give the first event that names each content."""
    firsts: dict[str, int] = {}
    for row in JournalEvent.objects.all():
        for digest in Content.objects.values_list("digest", flat=True):
            if f'"{digest}"' in row.body:
                firsts.setdefault(digest, row.seq)
    assert len(firsts) == Content.objects.count()
    return firsts


def test_e15_altered_content_is_found_at_the_event_that_names_it() -> None:
    varied_world()
    for digest, seq in namings().items():
        _, size, compressed = take_out("lifecycle_content", "digest", digest)
        for forged in ((digest, size + 1, compressed), (digest, size, b"forged")):
            put_back("lifecycle_content", forged)

            assert first_fault() in {(seq, "hash_mismatch"), (seq, "content_missing")}

            take_out("lifecycle_content", "digest", digest)
        put_back("lifecycle_content", (digest, size, compressed))
    assert verify_world("demo").ok


def test_m11_content_that_an_event_names_and_that_is_gone_is_found() -> None:
    varied_world()
    for digest, seq in namings().items():
        taken = take_out("lifecycle_content", "digest", digest)

        assert first_fault() in {(seq, "hash_mismatch"), (seq, "content_missing")}

        put_back("lifecycle_content", taken)
    assert verify_world("demo").ok


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("UPDATE lifecycle_agent SET location_id = 'hub'", "agents"),
        ("DELETE FROM lifecycle_agent", "agents"),
        ("DELETE FROM lifecycle_location", "locations"),
        ("UPDATE lifecycle_artifact SET publisher_agent_id = 'bob'", "module_artifacts"),
        ("DELETE FROM lifecycle_publication WHERE agent_id = 'bob'", "module_artifacts"),
        ("UPDATE lifecycle_publication SET seq = seq + 1", "places"),
        ("UPDATE lifecycle_artifact SET deployed_seq = deployed_seq + 1", "places"),
        ("UPDATE lifecycle_installedmodule SET installed_seq = 1", "places"),
        ("UPDATE lifecycle_installedmodule SET install_target = 'world'", "installed_modules"),
        ("UPDATE lifecycle_installedmodule SET installed_at_tick = 1", "installed_modules"),
        ("UPDATE lifecycle_moduleversion SET wasm_hash = '00'", "module_versions"),
        ("UPDATE lifecycle_compilejob SET state = 'failed'", "pending_compiles"),
        ("UPDATE lifecycle_journalhead SET tick = tick + 1", "tick"),
        ("UPDATE lifecycle_world SET name = 'other'", "name"),
    ],
)
def test_e15_a_changed_projection_is_named(change: str, part: str) -> None:
    varied_world()

    run(change)

    report = verify_world("demo")
    assert not report.ok
    assert report.fault is None
    assert part in report.projections_differ


def test_e25_a_report_says_what_it_checked() -> None:
    varied_world()
    head = get_head("demo")

    whole, part = verify_world("demo"), verify_world("demo", from_seq=4, to_seq=9)
    start = verify_world("demo", to_seq=9)

    assert (whole.from_seq, whole.to_seq, whole.events_checked) == (1, head.seq, head.seq)
    assert (whole.head_seq, whole.head_hash) == (head.seq, head.hash)
    assert whole.checks == ("chain", "invariants", "projections")
    assert whole.checked_at.tzinfo is not None
    assert (part.from_seq, part.to_seq, part.events_checked) == (4, 9, 6)
    assert part.checks == ("chain",)
    assert (part.state_digest, part.projections_match) == (None, None)
    assert start.checks == ("chain", "invariants")
    assert start.state_digest is not None


def test_a_part_is_checked_against_the_event_before_it() -> None:
    varied_world()
    delete_events("seq = %s", [3])

    assert verify_world("demo", from_seq=5).ok
    fault = verify_world("demo", from_seq=4).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (3, "missing")


@pytest.mark.parametrize(("first", "last"), [(0, None), (5, 3), (1, 0), (1, 999), (999, None)])
def test_a_range_outside_of_the_journal_is_refused(first: int, last: int | None) -> None:
    found_world()

    with pytest.raises(InvalidParameterError):
        verify_world("demo", from_seq=first, to_seq=last)


def test_progress_is_told_on_the_way() -> None:
    found_world()
    for _ in range(1000):
        decide("ada", "wait")
    told: list[int] = []

    verify_world("demo", progress=told.append)

    assert told == [1000]
