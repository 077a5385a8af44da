"""The part of a world's state that one action needs, read from the projections.

A decision costs the same in a world of a million events as in a world of a thousand, since
nothing here grows with the journal (docs/adr/0004).
"""

from typing import Final, Literal, assert_never, cast

from immutables import Map
from msgspec.structs import replace

from lifecycle.core.actions import (
    Action,
    CompileModuleArtifactFromSource,
    CreateWorld,
    DeployModuleArtifact,
    FinishCompile,
    InstallModuleFromArtifact,
    MoveAgent,
    RegisterAgent,
    RegisterLocation,
    WaitTicks,
)
from lifecycle.core.events import InstallTarget
from lifecycle.core.ids import AgentId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.state import (
    EMPTY,
    AgentState,
    ArtifactState,
    InstalledModuleState,
    LocationState,
    PendingCompile,
    WorldState,
)
from lifecycle.journal.statements import Statement
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import (
    Artifact,
    InstalledModule,
    Location,
    ModuleVersion,
    Publication,
)
from lifecycle.projections.compiles import unfinished_jobs

_AGENT: Final = Statement("""
    SELECT location_id, registered_at_tick FROM lifecycle_agent
    WHERE world_id = %s AND agent_id = %s
""")


class Slicer:
    """Reads the slice of one world that an action needs."""

    def __init__(self, world_pk: int, founding: WorldState) -> None:
        """Start from `founding`: the world's id, name and clock, and nothing else."""
        self._world_pk = world_pk
        self._founding = founding

    def slice_for(self, action: Action) -> WorldState:  # noqa: C901, PLR0911 - one arm an action
        """Give the state that `decide` may look at for this action."""
        match action:
            case WaitTicks():
                return self._with_agent(action.agent_id)
            case MoveAgent():
                return self._with_place(self._with_agent(action.agent_id), action.to)
            case CompileModuleArtifactFromSource():
                state = self._with_agent(action.publisher)
                return self._with_pending_of(state, action.publisher)
            case DeployModuleArtifact():
                state = self._with_agent(action.publisher)
                return self._with_artifact(state, action.wasm_hash, action.publisher)
            case InstallModuleFromArtifact():
                return self._for_install(action)
            case FinishCompile():
                return self._for_finish(action)
            case RegisterAgent():
                state = self._with_agent(action.agent_id)
                return self._with_place(state, action.location_id)
            case RegisterLocation():
                return self._with_place(self._founding, action.location_id)
            case CreateWorld():
                return self._founding
            case _:
                assert_never(action)

    def _with_agent(self, agent_id: AgentId) -> WorldState:
        row = _AGENT.first((self._world_pk, agent_id))
        if row is None:
            return self._founding
        return replace(self._founding, agents=Map({agent_id: AgentState(row[0], row[1])}))

    def _with_place(self, state: WorldState, location_id: LocationId | None) -> WorldState:
        places = Location.objects.filter(world_id=self._world_pk, location_id=location_id)
        tick = places.values_list("registered_at_tick", flat=True).first()
        if location_id is None or tick is None:
            return state
        return replace(state, locations=Map({location_id: LocationState(tick)}))

    def _with_pending_of(self, state: WorldState, publisher: AgentId) -> WorldState:
        jobs = unfinished_jobs(self._world_pk).filter(publisher_agent_id=publisher)
        return replace(state, pending_compiles=Map(map(pending_of, jobs)))

    def _with_artifact(self, state: WorldState, wasm_hash: WasmHash, agent: AgentId) -> WorldState:
        row = Artifact.objects.filter(world_id=self._world_pk, wasm_hash=wasm_hash).first()
        if row is None:
            return state
        # Whether this one agent is an owner is all that the rules ask; there may be thousands.
        owns = Publication.objects.filter(
            world_id=self._world_pk, wasm_hash=wasm_hash, agent_id=agent
        ).exists()
        owners = frozenset((AgentId(row.publisher_agent_id), *((agent,) if owns else ())))
        return replace(state, module_artifacts=Map({wasm_hash: artifact_of(row, owners)}))

    def _for_install(self, action: InstallModuleFromArtifact) -> WorldState:
        state = self._with_agent(action.installer)
        state = self._with_artifact(state, action.wasm_hash, action.installer)
        modules = InstalledModule.objects.filter(
            world_id=self._world_pk, module_id=action.module_id
        )
        versions = ModuleVersion.objects.filter(
            world_id=self._world_pk,
            module_id=action.module_id,
            module_version=action.module_version,
        )
        return replace(
            state,
            installed_modules=Map(map(module_of, modules)),
            module_versions=Map(map(version_of, versions)),
        )

    def _for_finish(self, action: FinishCompile) -> WorldState:
        state = self._with_agent(action.publisher)
        jobs = unfinished_jobs(self._world_pk).filter(request_seq=action.request_seq)
        return replace(state, pending_compiles=Map(map(pending_of, jobs)))


def founding_state(origin_id: str, name: str, tick: int, seq: int) -> WorldState:
    """Give a world's id, name and clock as a state; before its first event it has none of them."""
    if seq == 0:
        return EMPTY
    return replace(EMPTY, world_id=origin_id, name=name, tick=tick)


def pending_of(job: CompileJob) -> tuple[int, PendingCompile]:
    """Give a job as the state's pending compile, under its request's place."""
    return job.request_seq, PendingCompile(
        AgentId(job.publisher_agent_id), ModuleId(job.module_id), Digest(job.source_digest)
    )


def artifact_of(row: Artifact, owners: frozenset[AgentId]) -> ArtifactState:
    """Give an artifact's row as a state."""
    hint = row.module_id_hint
    return ArtifactState(
        AgentId(row.publisher_agent_id),
        owners,
        row.bytes_len,
        None if hint is None else ModuleId(hint),
        row.deployed_at_tick,
    )


def module_of(row: InstalledModule) -> tuple[ModuleId, InstalledModuleState]:
    """Give an installed module's row as a state, under its id."""
    return ModuleId(row.module_id), InstalledModuleState(
        row.module_version,
        WasmHash(row.wasm_hash),
        AgentId(row.installer_agent_id),
        # As the row says, so that `verify` can compare it; the rules never ask.
        InstallTarget(cast("Literal['self_agent']", row.install_target)),
        row.active,
        row.installed_at_tick,
    )


def version_of(row: ModuleVersion) -> tuple[tuple[ModuleId, str], WasmHash]:
    """Give a version's row as the state keeps it."""
    return (ModuleId(row.module_id), row.module_version), WasmHash(row.wasm_hash)
