"""The demo world, apart from how it is started."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from lifecycle.journal.store import get_head
from lifecycle.management.demo import Demo
from tests.service import found_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_world_of_that_name_that_is_somebodys_own_is_left_alone() -> None:
    found_world("demo")
    said: list[str] = []

    assert Demo(said.append).build() is False

    assert said == []
    assert get_head("demo").seq == 4


def test_a_folder_that_cannot_be_read_leaves_the_world_for_the_next_start(
    settings: Settings, tmp_path: Path
) -> None:
    settings.BASE = tmp_path
    said: list[str] = []

    assert Demo(said.append).build() is False

    assert said[-1].startswith("The demo world is not finished (")
