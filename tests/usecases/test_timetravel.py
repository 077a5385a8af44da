"""Looking back: snapshots are only a short cut, and anything wrong with one makes it absent."""

import pytest

from lifecycle.codec.state import state_digest
from lifecycle.core.state import EMPTY
from lifecycle.journal import snapshots
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.journal.snapshots import STATE_SCHEMA
from lifecycle.journal.store import get_head
from lifecycle.models.journal import JournalEvent, StateSnapshot
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.timetravel import StateAt, state_at
from tests.journal.tampering import set_event
from tests.service import found_world
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _close_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SPACING", 5)


def without_snapshots(seq: int | None = None) -> StateAt:
    """Replay from the start."""
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

    again = state_at("demo")
    assert again == true
    assert state_digest(again.state) == true.digest


def test_e13_a_snapshot_past_the_end_of_the_journal_is_left_aside() -> None:
    varied_world()
    true = state_at("demo", 12)
    row = StateSnapshot.objects.get(seq=10)

    StateSnapshot.objects.filter(pk=row.pk).update(seq=11)

    assert state_at("demo", 12) == true


def test_an_unusable_snapshot_is_written_anew() -> None:
    varied_world()
    state_at("demo")
    StateSnapshot.objects.filter(seq=5).update(schema=STATE_SCHEMA + 1)
    StateSnapshot.objects.exclude(seq=5).delete()

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
