"""The whole state of a world as the projections hold it, to compare with a replay."""

from django.db.models import QuerySet
from immutables import Map
from msgspec.structs import replace

from lifecycle.core.ids import AgentId, LocationId, WasmHash
from lifecycle.core.state import AgentState, ArtifactState, LocationState, WorldState
from lifecycle.models.projections import (
    Agent,
    Artifact,
    Install,
    InstalledModule,
    Location,
    ModuleVersion,
    Publication,
)
from lifecycle.projections.compiles import unfinished_jobs
from lifecycle.projections.slices import artifact_of, module_of, pending_of, version_of

TABLES = (Location, Agent, Publication, Artifact, InstalledModule, Install, ModuleVersion)


def load_state(world_pk: int, founding: WorldState) -> WorldState:
    """Read all of a world's projections as one state, on top of its id, name and clock."""
    locations = Location.objects.filter(world_id=world_pk)
    agents = Agent.objects.filter(world_id=world_pk)
    modules = InstalledModule.objects.filter(world_id=world_pk)
    versions = ModuleVersion.objects.filter(world_id=world_pk)
    return replace(
        founding,
        locations=Map(
            (LocationId(row.location_id), LocationState(row.registered_at_tick))
            for row in locations.iterator()
        ),
        agents=Map(map(_agent, agents.iterator())),
        module_artifacts=_artifacts(world_pk),
        installed_modules=Map(map(module_of, modules.iterator())),
        module_versions=Map(map(version_of, versions.iterator())),
        pending_compiles=Map(map(pending_of, unfinished_jobs(world_pk).iterator())),
    )


def _agent(row: Agent) -> tuple[AgentId, AgentState]:
    place = None if row.location_id is None else LocationId(row.location_id)
    return AgentId(row.agent_id), AgentState(place, row.registered_at_tick)


def _artifacts(world_pk: int) -> Map[WasmHash, ArtifactState]:
    owners: dict[str, set[AgentId]] = {}
    publications = Publication.objects.filter(world_id=world_pk)
    for wasm_hash, agent_id in publications.values_list("wasm_hash", "agent_id").iterator():
        owners.setdefault(wasm_hash, set()).add(AgentId(agent_id))
    rows: QuerySet[Artifact] = Artifact.objects.filter(world_id=world_pk)
    return Map(
        (WasmHash(row.wasm_hash), artifact_of(row, frozenset(owners.get(row.wasm_hash, ()))))
        for row in rows.iterator()
    )


def clear(world_pk: int) -> None:
    """Drop a world's projections. Jobs stay: they hold how a compile runs, besides that it does."""
    for table in TABLES:
        table._default_manager.filter(world_id=world_pk).delete()
