"""`replace_token`."""

import pytest
from django.core.management import CommandError

from lifecycle.access.tokens import find_holder
from tests.management.calling import facts, said

pytestmark = pytest.mark.django_db


def test_the_new_token_works_and_the_old_one_no_more() -> None:
    said("create_world", "harbour")
    old = said("add_agent", "harbour", "scout").strip()

    new = said("replace_token", "harbour", "scout").strip()

    assert find_holder(old) is None
    holder = find_holder(new)
    assert holder is not None
    assert holder.agent_id == "scout"


def test_the_token_is_printed_as_json() -> None:
    said("create_world", "harbour")
    said("add_agent", "harbour", "scout")

    assert find_holder(facts("replace_token", "harbour", "scout")["token"]) is not None


def test_an_agent_that_is_not_there_is_refused() -> None:
    said("create_world", "harbour")

    with pytest.raises(CommandError, match="“scout”, which is not in this world"):
        said("replace_token", "harbour", "scout")
