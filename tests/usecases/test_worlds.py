"""Founding worlds, and adding places and agents: ids are judged, refusals change nothing."""

import pytest

from lifecycle.journal.errors import WorldNotFoundError
from lifecycle.journal.reading import find_event, read_newest_events
from lifecycle.journal.store import find_head, get_head
from lifecycle.models.worlds import World
from lifecycle.usecases import worlds
from lifecycle.usecases.errors import MalformedIdError, RefusedError, WorldExistsError
from lifecycle.usecases.verify import verify_world
from tests.service import found_world
from tests.usecases.histories import every_table

pytestmark = pytest.mark.django_db


def test_a_new_world_begins_with_its_creation() -> None:
    world = worlds.create_world("demo", account="pat")

    event = find_event(world.pk, 1)
    assert event is not None
    assert b'"account":"pat"' in event.body
    assert b'"kind":"WorldCreated"' in event.body
    assert world.origin_id.encode() in event.body
    assert find_event(world.pk, 2) is None
    assert verify_world("demo").ok


def test_two_worlds_of_one_name_at_different_times_have_no_hash_in_common() -> None:
    first = worlds.create_world("demo")
    World.objects.filter(pk=first.pk).update(slug="old")
    worlds.create_world("demo")

    assert get_head("old").hash != get_head("demo").hash
    assert get_head("old").origin_id != get_head("demo").origin_id


def test_a_slug_is_taken_once() -> None:
    worlds.create_world("demo")
    before = every_table()

    with pytest.raises(WorldExistsError) as caught:
        worlds.create_world("demo")

    assert caught.value.facts == {"world_id": "demo"}
    assert every_table() == before


@pytest.mark.parametrize("slug", ["", "a.b", "..", "a/b", "x" * 65, "-a", "ä", "a\n"])
def test_what_is_no_slug_founds_nothing(slug: str) -> None:
    with pytest.raises(MalformedIdError):
        worlds.create_world(slug)

    assert not World.objects.exists()


@pytest.mark.parametrize("text", ["", " hub", "a/b", "x" * 129, "-a", "ä", "<b>", "a\0"])
def test_a21_what_is_no_id_is_added_nowhere(text: str) -> None:
    found_world()
    before = every_table()

    with pytest.raises(MalformedIdError):
        worlds.add_location("demo", text)
    with pytest.raises(MalformedIdError):
        worlds.add_agent("demo", text)
    with pytest.raises(MalformedIdError):
        worlds.add_agent("demo", "eve", at=text)

    assert every_table() == before


def test_what_the_rules_refuse_an_operator_is_not_journaled() -> None:
    found_world()
    before = every_table()
    codes = []

    for refused in (
        lambda: worlds.add_location("demo", "hub"),
        lambda: worlds.add_agent("demo", "ada"),
        lambda: worlds.add_agent("demo", "eve", at="moon"),
    ):
        with pytest.raises(RefusedError) as caught:
            refused()
        codes.append(caught.value.record.code)

    assert codes == ["location_exists", "agent_exists", "location_not_found"]
    assert every_table() == before


def test_a_world_that_is_not_there_takes_nothing() -> None:
    assert find_head("elsewhere") is None
    with pytest.raises(WorldNotFoundError):
        worlds.add_location("elsewhere", "hub")
    with pytest.raises(WorldNotFoundError):
        worlds.add_agent("elsewhere", "ada")


def test_h09_ids_are_one_spelling_each() -> None:
    found_world()

    worlds.add_agent("demo", "Ada")

    newest = read_newest_events(get_head("demo").world_pk, limit=1)[0]
    assert b'"agent_id":"Ada"' in newest.body
    assert verify_world("demo").ok


def test_newest_events_come_last_first() -> None:
    found_world()
    world_pk = get_head("demo").world_pk

    assert [event.seq for event in read_newest_events(world_pk, limit=3)] == [4, 3, 2]
    assert [event.seq for event in read_newest_events(world_pk, before=3)] == [2, 1]
