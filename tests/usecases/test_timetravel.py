"""Looking back: snapshots are only a short cut, and anything wrong with one makes it absent."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifecycle.codec.state import state_digest
from lifecycle.core.events import Recorded
from lifecycle.core.evolve import MeasureContent, evolve
from lifecycle.core.state import EMPTY, WorldState
from lifecycle.journal import recent, snapshots
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.journal.reading import find_event
from lifecycle.journal.snapshots import STATE_SCHEMA
from lifecycle.journal.store import get_head
from lifecycle.models.journal import JournalEvent, StateSnapshot
from lifecycle.usecases import timetravel
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.timetravel import StateAt, state_at
from tests.journal.tampering import set_event, tamper
from tests.service import found_world
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _close_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    recent.forget_recent()
    monkeypatch.setattr(snapshots, "SPACING", 5)


def without_snapshots(seq: int | None = None) -> StateAt:
    """Replay from the start."""
    recent.forget_recent()
    StateSnapshot.objects.all().delete()
    return state_at("demo", seq)


def test_a_replay_leaves_snapshots_that_later_ones_start_from() -> None:
    varied_world()
    head = get_head("demo").seq

    true = state_at("demo")

    assert list(StateSnapshot.objects.values_list("seq", flat=True)) == list(range(5, head + 1, 5))
    assert state_at("demo") == true
    assert state_at("demo", 12).digest == without_snapshots(12).digest


def test_the_start_is_the_empty_world() -> None:
    found_world()

    assert state_at("demo", 0).state == EMPTY


@pytest.mark.parametrize("seq", [-1, 5, 10**12])
def test_a_place_outside_of_the_journal_is_refused(seq: int) -> None:
    found_world()

    with pytest.raises(InvalidParameterError) as caught:
        state_at("demo", seq)

    assert caught.value.facts == {"minimum": 0, "maximum": 4, "received": seq}


def test_a_world_that_is_not_there_has_no_state() -> None:
    with pytest.raises(WorldNotFoundError):
        state_at("demo")


@pytest.mark.parametrize(
    "spoil",
    [
        {"schema": STATE_SCHEMA - 1},
        {"schema": STATE_SCHEMA + 1},
        {"event_hash": "0" * 64},
        {"compressed": b"no zlib"},
        {"compressed": b"x\x9cc\x00\x00\x00\x01\x00\x01"},
    ],
)
def test_e13_a_snapshot_of_another_schema_or_chain_is_left_aside(spoil: dict[str, object]) -> None:
    varied_world()
    true = state_at("demo")

    StateSnapshot.objects.update(**spoil)
    recent.forget_recent()

    again = state_at("demo")
    assert again == true
    assert state_digest(again.state) == true.digest


def test_e13_a_snapshot_past_the_end_of_the_journal_is_left_aside() -> None:
    varied_world()
    true = state_at("demo", 12)
    row = StateSnapshot.objects.get(seq=10)

    StateSnapshot.objects.filter(pk=row.pk).update(seq=11)
    recent.forget_recent()

    assert state_at("demo", 12) == true


def test_an_unusable_snapshot_is_written_anew() -> None:
    varied_world()
    state_at("demo")
    StateSnapshot.objects.filter(seq=5).update(schema=STATE_SCHEMA + 1)
    StateSnapshot.objects.exclude(seq=5).delete()
    recent.forget_recent()

    state_at("demo")

    assert StateSnapshot.objects.get(seq=5).schema == STATE_SCHEMA


def test_e09_a_broken_event_is_named_and_the_world_can_be_read_up_to_it() -> None:
    varied_world()
    event = JournalEvent.objects.get(seq=7)
    set_event(event.pk, "body", event.body.replace('"tick":', '"tack":'))

    with pytest.raises(JournalBrokenError) as caught:
        state_at("demo")

    assert caught.value.seq == 7
    assert state_at("demo", 6).seq == 6


def test_a_world_without_events_that_name_content_measures_nothing() -> None:
    found_world()

    with CaptureQueriesContext(connection) as queries:
        state_at("demo")

    assert not [query for query in queries if "lifecycle_content" in query["sql"]]


def test_content_is_measured_by_one_query_for_many_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SPACING", 10_000)
    varied_world()

    with CaptureQueriesContext(connection) as queries:
        state_at("demo")

    assert len([query for query in queries if "lifecycle_content" in query["sql"]]) == 1


def test_a_place_looked_at_before_is_not_replayed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    varied_world()
    true = state_at("demo", 13)
    StateSnapshot.objects.all().delete()
    replayed: list[int] = []

    def noted(state: WorldState, recorded: Recorded, measure: MeasureContent) -> WorldState:
        replayed.append(recorded.seq)
        return evolve(state, recorded, measure)

    monkeypatch.setattr(timetravel, "evolve", noted)

    assert state_at("demo", 13) == true
    assert state_at("demo", 15).seq == 15
    assert replayed == [14, 15]


@pytest.mark.parametrize("seq", range(1, 18))
def test_whatever_was_looked_at_before_the_state_is_the_same(seq: int) -> None:
    varied_world()
    assert get_head("demo").seq == 17
    for place in (17, 3, 11, 8):
        state_at("demo", place)

    slid = state_at("demo", seq)

    assert slid == without_snapshots(seq)


def test_a_remembered_state_of_another_chain_is_left_aside() -> None:
    varied_world()
    world_pk = get_head("demo").world_pk
    state = state_at("demo", 6).state
    recent.forget_recent()
    recent.keep_recent(world_pk, snapshots.Snapshot(9, "0" * 64, state))

    assert recent.find_recent(world_pk, at=12) is None
    assert state_at("demo", 12) == without_snapshots(12)


def test_few_states_are_remembered_and_those_asked_for_stay() -> None:
    for number in range(6):
        found_world(f"world-{number}", "ada")
    worlds = [get_head(f"world-{number}").world_pk for number in range(6)]
    event = find_event(worlds[0], 1)
    assert event is not None
    for world_pk in worlds[:4]:
        recent.keep_recent(world_pk, snapshots.Snapshot(1, event.hash, EMPTY))
    for seq in range(2, 40):
        recent.keep_recent(worlds[0], snapshots.Snapshot(seq, event.hash, EMPTY))
        assert recent.find_recent(worlds[0], at=1) is not None
    recent.keep_recent(worlds[4], snapshots.Snapshot(1, event.hash, EMPTY))

    assert recent.count_recent() == {worlds[0]: 24, worlds[2]: 1, worlds[3]: 1, worlds[4]: 1}


def test_a_fault_before_a_broken_event_is_the_one_that_is_named() -> None:
    varied_world()
    names_wasm = JournalEvent.objects.filter(kind="ModuleArtifactDeployed").earliest("seq")
    broken = JournalEvent.objects.latest("seq")
    wasm_hash = json.loads(names_wasm.body)["payload"]["wasm_hash"]
    tamper("UPDATE lifecycle_content SET size_bytes = 5 WHERE digest = %s", [wasm_hash])
    set_event(broken.pk, "body", broken.body.replace('"tick":', '"tack":'))

    with pytest.raises(JournalBrokenError) as caught:
        state_at("demo")

    assert (caught.value.seq, caught.value.code) == (names_wasm.seq, "length_mismatch")
