"""Founding a world: when it, its places and its agents may come to be."""

from lifecycle.core.actions import CreateWorld, RegisterAgent, RegisterLocation
from lifecycle.core.decide import decide
from lifecycle.core.events import AgentRegistered, LocationRegistered, WorldCreated
from lifecycle.core.evolve import initial
from lifecycle.core.ids import AgentId
from lifecycle.core.rejections import AgentExists, LocationExists, LocationNotFound, WorldExists
from tests.core.builders import ADA, HUB, NOWHERE, POLICY, given

CARL = AgentId("carl")


def test_a_world_without_events_can_be_created() -> None:
    verdict = decide(initial(), CreateWorld("world-1", "Demo"), POLICY)

    assert verdict == (WorldCreated("world-1", "Demo"),)


def test_a_world_is_created_once() -> None:
    verdict = decide(given(), CreateWorld("world-2", "Again"), POLICY)

    assert verdict == WorldExists("world-1")


def test_a_new_place_becomes_part_of_the_world() -> None:
    verdict = decide(given(), RegisterLocation(NOWHERE), POLICY)

    assert verdict == (LocationRegistered(NOWHERE),)


def test_a_place_is_registered_once() -> None:
    verdict = decide(given(), RegisterLocation(HUB), POLICY)

    assert verdict == LocationExists(HUB)


def test_a_new_agent_may_be_at_a_place_of_the_world() -> None:
    verdict = decide(given(), RegisterAgent(CARL, HUB), POLICY)

    assert verdict == (AgentRegistered(CARL, HUB),)


def test_a_new_agent_may_be_nowhere() -> None:
    verdict = decide(given(), RegisterAgent(CARL, None), POLICY)

    assert verdict == (AgentRegistered(CARL, None),)


def test_a_new_agent_cannot_be_at_a_place_that_is_not_in_the_world() -> None:
    verdict = decide(given(), RegisterAgent(CARL, NOWHERE), POLICY)

    assert verdict == LocationNotFound("location_id", NOWHERE)


def test_an_agent_is_registered_once() -> None:
    verdict = decide(given(), RegisterAgent(ADA, HUB), POLICY)

    assert verdict == AgentExists(ADA)
