"""The rules of waiting and of moving."""

from lifecycle.core.actions import MoveAgent, WaitTicks
from lifecycle.core.events import AgentMoved, AgentWaited, Event
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import AgentNotFound, LimitExceeded, LocationNotFound, Rejection
from lifecycle.core.state import WorldState


def decide_wait(
    state: WorldState, action: WaitTicks, policy: Policy
) -> tuple[Event, ...] | Rejection:
    """Let the clock run by the ticks asked for, within the limit."""
    if action.agent_id not in state.agents:
        return AgentNotFound("agent_id", action.agent_id)
    if action.ticks > policy.max_wait_ticks:
        return LimitExceeded("ticks", "max_wait_ticks", policy.max_wait_ticks, action.ticks)
    return (AgentWaited(action.agent_id, action.ticks),)


def decide_move(state: WorldState, action: MoveAgent) -> tuple[Event, ...] | Rejection:
    """Take an agent to a place of its world; where it already is, nothing happens."""
    agent = state.agents.get(action.agent_id)
    if agent is None:
        return AgentNotFound("agent_id", action.agent_id)
    if action.to not in state.locations:
        return LocationNotFound("to", action.to)
    if agent.location_id == action.to:
        return ()
    return (AgentMoved(action.agent_id, agent.location_id, action.to),)
