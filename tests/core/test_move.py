"""Moving: only to places of the world; where an agent already is, nothing happens."""

from lifecycle.core.actions import MoveAgent
from lifecycle.core.decide import decide
from lifecycle.core.events import AgentMoved
from lifecycle.core.rejections import AgentNotFound, LocationNotFound
from tests.core.builders import ADA, BOB, HARBOUR, HUB, NOBODY, NOWHERE, POLICY, given


def test_an_agent_moves_from_where_it_is() -> None:
    assert decide(given(), MoveAgent(ADA, HARBOUR), POLICY) == (AgentMoved(ADA, HUB, HARBOUR),)


def test_an_agent_that_is_nowhere_can_move_to_a_place() -> None:
    assert decide(given(), MoveAgent(BOB, HUB), POLICY) == (AgentMoved(BOB, None, HUB),)


def test_moving_to_where_one_is_changes_nothing() -> None:
    assert decide(given(), MoveAgent(ADA, HUB), POLICY) == ()


def test_a_place_that_is_not_in_the_world_cannot_be_moved_to() -> None:
    assert decide(given(), MoveAgent(ADA, NOWHERE), POLICY) == LocationNotFound("to", NOWHERE)


def test_an_agent_that_is_not_in_the_world_cannot_move() -> None:
    assert decide(given(), MoveAgent(NOBODY, HUB), POLICY) == AgentNotFound("agent_id", NOBODY)


def test_a_move_takes_one_tick_and_the_agent_is_there() -> None:
    state = given(AgentMoved(ADA, HUB, HARBOUR))

    assert state.tick == 1
    assert state.agents[ADA].location_id == HARBOUR
