"""`fork`."""

import pytest
from django.core.management import CommandError

from tests.management.calling import facts, said
from tests.service import decide, found_world

pytestmark = pytest.mark.django_db


def test_a_fork_is_told_with_its_head_and_its_state() -> None:
    found_world()
    decide("ada", "wait")

    printed = said("fork", "demo", "--at", "4", "--as", "then")
    document = facts("fork", "demo", "--as", "now")

    assert printed.startswith("Forked demo after event 4 as the world then.\nhead hash     ")
    assert (document["world"], document["events"]) == ("now", 5)


def test_a_place_that_is_not_there_fails_the_command() -> None:
    found_world()

    with pytest.raises(CommandError, match=r"at.*is not acceptable") as failed:
        said("fork", "demo", "--at", "99", "--as", "then")

    assert failed.value.returncode == 1
