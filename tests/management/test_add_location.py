"""`add_location`."""

import pytest
from django.core.management import CommandError

from lifecycle.usecases.timetravel import state_at
from tests.management.calling import facts, said

pytestmark = pytest.mark.django_db


def test_a_place_is_added() -> None:
    said("create_world", "harbour")

    printed = said("add_location", "harbour", "pier")

    assert printed == "Added the location pier to harbour.\n"
    assert list(state_at("harbour").state.locations) == ["pier"]


def test_its_place_in_the_journal_is_printed_as_json() -> None:
    said("create_world", "harbour")

    document = facts("add_location", "harbour", "pier")

    assert (document["location_id"], document["seq"]) == ("pier", 2)


def test_a_place_that_exists_is_refused() -> None:
    said("create_world", "harbour")
    said("add_location", "harbour", "pier")

    with pytest.raises(CommandError, match="The location “pier” exists already"):
        said("add_location", "harbour", "pier")


def test_a_world_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match='There is no world "nowhere"'):
        said("add_location", "nowhere", "pier")
