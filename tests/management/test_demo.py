"""The demo world, apart from how it is started."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from lifecycle.access.tokens import find_holder
from lifecycle.journal.store import get_head
from lifecycle.management.demo import Demo
from lifecycle.models.worlds import AgentToken
from lifecycle.usecases.tokens import replace_token
from tests.service import found_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_world_of_that_name_that_is_somebodys_own_is_left_alone() -> None:
    found_world("demo")
    said: list[str] = []

    assert Demo(said.append).build() is False

    assert said == []
    assert get_head("demo").seq == 4


def test_a_token_that_was_revoked_is_not_made_anew_and_no_other_is_touched(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"data": tmp_path})
    monkeypatch.setattr(Demo, "_tell_the_story", lambda _: None)
    said: list[str] = []
    demo = Demo(said.append)
    assert demo.build()
    first = demo.token_file.read_text(encoding="utf-8")
    assert demo.build()
    assert demo.token_file.read_text(encoding="utf-8") == first

    given = replace_token("demo", "mason")
    assert demo.build()

    assert find_holder(given) is not None
    assert find_holder(first) is None
    assert demo.token_file.read_text(encoding="utf-8") == first
    assert "replace_token demo mason" in said[-1]
    assert AgentToken.objects.filter(agent_id="mason").count() == 3


def test_a_folder_that_cannot_be_read_leaves_the_world_for_the_next_start(
    settings: Settings, tmp_path: Path
) -> None:
    settings.BASE = tmp_path
    said: list[str] = []

    assert Demo(said.append).build() is False

    assert said[-1].startswith("The demo world is not finished (")
