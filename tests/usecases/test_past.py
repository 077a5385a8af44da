"""A world as of an event: what was there, and what is different now."""

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.journal.store import get_head
from lifecycle.usecases import worlds
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.past import Past, past_at, place_of
from lifecycle.usecases.timetravel import state_at
from tests.service import decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


def past(seq: int) -> Past:
    return past_at(get_any_world("demo"), seq)


def head() -> int:
    return get_head("demo").seq


def test_the_newest_place_shows_the_world_as_it_is_and_no_difference() -> None:
    found_world()
    deploy("ada", wasm(), module_id="clock")
    install("ada", wasm(), "clock")

    shown = past(head())

    assert shown.digest == state_at("demo").digest
    assert [(row.wasm_hash, row.owners) for row in shown.artifacts] == [(hash_of(wasm()), ("ada",))]
    assert [(row.module_id, row.installer) for row in shown.modules] == [("clock", "ada")]
    assert (shown.since.events, shown.since.artifacts, shown.since.modules) == (0, [], [])


def test_what_came_later_is_not_shown_as_of_then_but_as_a_difference() -> None:
    found_world()
    then = head()
    deploy("ada", wasm(), module_id="clock")
    install("ada", wasm(), "clock")

    shown = past(then)

    assert (shown.artifacts, shown.modules) == ([], [])
    assert [one.wasm_hash for one in shown.since.artifacts] == [hash_of(wasm())]
    assert [(one.module_id, one.verb) for one in shown.since.modules] == [("clock", "added")]


def test_a_module_bound_to_other_bytes_since_is_told_with_what_it_was() -> None:
    found_world()
    deploy("ada", wasm(1))
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock")
    install("ada", wasm(1), "lamp")
    then = head()
    install("ada", wasm(2), "clock", module_version="0.2.0")
    install("ada", wasm(1), "lamp")

    lamp, clock = past(then).since.modules

    assert (lamp.module_id, lamp.verb) == ("lamp", "installed again")
    assert (clock.module_id, clock.verb) == ("clock", "changed")
    assert clock.before is not None
    assert (clock.before.wasm_hash, clock.wasm_hash) == (hash_of(wasm(1)), hash_of(wasm(2)))


def test_an_agent_that_moved_and_an_owner_that_came_are_told() -> None:
    found_world()
    worlds.add_location("demo", "pier")
    deploy("bob", wasm())
    then = head()
    decide("ada", "move_agent", to="pier")
    deploy("ada", wasm())
    worlds.add_agent("demo", "cyd")

    shown = past(then)

    ada, bob = shown.agents
    assert (ada.location_id, ada.location_now, ada.moved) == ("hub", "pier", True)
    assert not bob.moved
    assert shown.since.agents_added == 1
    [artifact] = shown.artifacts
    assert (artifact.owners, artifact.owners_since) == (("bob",), ("ada",))


def test_of_many_only_some_are_listed_and_all_are_counted() -> None:
    found_world()
    then = head()
    for number in range(30):
        deploy("ada", wasm(number))

    assert len(past(then).since.artifacts) == 10
    assert past(then).since.artifacts_total == 30
    assert len(past(head()).artifacts) == 25
    assert past(head()).artifacts_total == 30
    assert past(head()).artifacts[0].wasm_hash == hash_of(wasm(29))


@pytest.mark.parametrize("text", ["0", "41", "-1", "1.5", "1e1", "\u0663", "abc", "9" * 400, "\0"])
def test_what_is_no_place_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        place_of(text, 40)

    assert caught.value.field == "seq"
    assert caught.value.facts == {"received": text[:40], "minimum": 1, "maximum": 40}


@pytest.mark.parametrize(
    ("text", "seq"), [(None, 40), ("", 40), ("1", 1), (" 7 ", 7), ("40", 40), ("07", 7)]
)
def test_a_place_is_a_whole_number_and_the_head_when_absent(text: str | None, seq: int) -> None:
    assert place_of(text, 40) == seq
