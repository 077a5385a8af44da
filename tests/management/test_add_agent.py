"""`add_agent`."""

import pytest
from django.core.management import CommandError

from lifecycle.access.tokens import find_holder
from lifecycle.core.ids import AgentId
from lifecycle.usecases.timetravel import state_at
from tests.management.calling import facts, said

pytestmark = pytest.mark.django_db


def test_the_token_stands_alone_on_standard_output_and_works() -> None:
    said("create_world", "harbour")
    said("add_location", "harbour", "pier")

    printed = said("add_agent", "harbour", "scout", "--at", "pier")

    holder = find_holder(printed.removesuffix("\n"))
    assert holder is not None
    assert (holder.world_slug, holder.agent_id) == ("harbour", "scout")
    assert state_at("harbour").state.agents[AgentId("scout")].location_id == "pier"


def test_without_a_place_the_agent_is_nowhere() -> None:
    said("create_world", "harbour")

    document = facts("add_agent", "harbour", "scout")

    assert document["location_id"] is None
    assert find_holder(document["token"]) is not None


def test_a_place_that_is_not_there_is_refused_and_no_agent_is_added() -> None:
    said("create_world", "harbour")

    with pytest.raises(CommandError, match="“pier”, which is not in this world"):
        said("add_agent", "harbour", "scout", "--at", "pier")

    assert not state_at("harbour").state.agents


def test_an_agent_that_exists_is_refused() -> None:
    said("create_world", "harbour")
    said("add_agent", "harbour", "scout")

    with pytest.raises(CommandError, match="The agent “scout” exists already"):
        said("add_agent", "harbour", "scout")
