"""Which rows an event changes. Called in the transaction that appends the event, and by rebuild."""

from typing import assert_never

from lifecycle.core.events import (
    ActionRejected,
    AgentMoved,
    AgentRegistered,
    AgentWaited,
    LocationRegistered,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Recorded,
    WorldCreated,
)
from lifecycle.models.projections import Agent, Location
from lifecycle.projections import artifacts, compiles, decisions, modules


def project(world_pk: int, recorded: Recorded) -> None:  # noqa: C901 - one arm an event
    """Write what an event changes in the world's tables."""
    match event := recorded.event:
        case WorldCreated() | AgentWaited():
            pass
        case AgentMoved():
            agents = Agent.objects.filter(world_id=world_pk, agent_id=event.agent_id)
            agents.update(location_id=event.to_location_id)
        case ActionRejected():
            compiles.project_rejection(world_pk, event)
            decisions.project_compile_end(world_pk, recorded)
        case ModuleCompileRequested():
            compiles.project_request(world_pk, recorded, event)
        case ModuleArtifactDeployed():
            artifacts.project_deployment(world_pk, recorded, event)
            compiles.project_artifact(world_pk, event)
            decisions.project_compile_end(world_pk, recorded)
        case ModuleInstalled():
            modules.project_install(world_pk, recorded, event)
        case AgentRegistered():
            _add_agent(world_pk, recorded.tick, event)
        case LocationRegistered():
            _add_location(world_pk, recorded.tick, event)
        case _:
            assert_never(event)


def _add_agent(world_pk: int, tick: int, event: AgentRegistered) -> None:
    Agent.objects.create(
        world_id=world_pk,
        agent_id=event.agent_id,
        location_id=event.location_id,
        registered_at_tick=tick,
    )


def _add_location(world_pk: int, tick: int, event: LocationRegistered) -> None:
    Location.objects.create(
        world_id=world_pk, location_id=event.location_id, registered_at_tick=tick
    )
