"""The rules of founding a world: the world itself, its places, its agents."""

from lifecycle.core.actions import CreateWorld, RegisterAgent, RegisterLocation
from lifecycle.core.events import AgentRegistered, Event, LocationRegistered, WorldCreated
from lifecycle.core.rejections import (
    AgentExists,
    LocationExists,
    LocationNotFound,
    Rejection,
    WorldExists,
)
from lifecycle.core.state import WorldState


def decide_create_world(state: WorldState, action: CreateWorld) -> tuple[Event, ...] | Rejection:
    """Begin a world that has no event yet."""
    if state.world_id:
        return WorldExists(state.world_id)
    return (WorldCreated(action.world_id, action.name),)


def decide_register_location(
    state: WorldState, action: RegisterLocation
) -> tuple[Event, ...] | Rejection:
    """Add a place that is not there yet."""
    if action.location_id in state.locations:
        return LocationExists(action.location_id)
    return (LocationRegistered(action.location_id),)


def decide_register_agent(
    state: WorldState, action: RegisterAgent
) -> tuple[Event, ...] | Rejection:
    """Add an agent that is not there yet, at a place that is."""
    if action.agent_id in state.agents:
        return AgentExists(action.agent_id)
    if action.location_id is not None and action.location_id not in state.locations:
        return LocationNotFound("location_id", action.location_id)
    return (AgentRegistered(action.agent_id, action.location_id),)
