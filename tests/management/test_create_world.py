"""`create_world`."""

import pytest
from django.core.management import CommandError

from lifecycle.journal.store import get_head
from tests.management.calling import facts, said

pytestmark = pytest.mark.django_db


def test_a_world_is_founded_by_its_first_event() -> None:
    printed = said("create_world", "harbour")

    assert printed == "Founded the world harbour.\n"
    assert get_head("harbour").seq == 1


def test_its_facts_are_printed_as_json() -> None:
    document = facts("create_world", "harbour")

    assert document == {"world": "harbour", "world_id": get_head("harbour").origin_id}


def test_a_world_that_exists_is_refused_by_name() -> None:
    said("create_world", "harbour")

    with pytest.raises(CommandError, match="The world “harbour” exists already") as refused:
        said("create_world", "harbour")

    assert refused.value.returncode == 1


@pytest.mark.parametrize("slug", ["", "a b", "../etc", "a.b", "x" * 65, "é"])
def test_what_cannot_be_a_slug_is_refused(slug: str) -> None:
    with pytest.raises(CommandError, match="world") as refused:
        said("create_world", slug)

    assert refused.value.returncode == 1
