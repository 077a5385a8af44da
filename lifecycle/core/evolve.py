"""`evolve` and `replay`: what each event makes of a world, and what no true history can hold.

Only invariants belong here. Policy (limits, id grammar, allowed features) is `decide`'s alone, so
that a tightened policy never makes an old journal unreadable.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias, assert_never

from immutables import Map
from msgspec.structs import replace

from lifecycle.core.events import (
    ActionRejected,
    AgentMoved,
    AgentRegistered,
    AgentWaited,
    Event,
    LocationRegistered,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Provenance,
    Recorded,
    WorldCreated,
)
from lifecycle.core.ids import AgentId, LocationId
from lifecycle.core.state import (
    EMPTY,
    AgentState,
    ArtifactState,
    InstalledModuleState,
    LocationState,
    PendingCompile,
    WorldState,
)

# Gives the length in bytes of the content whose SHA-256 really is the digest, else `None`.
MeasureContent: TypeAlias = Callable[[str], int | None]

_LARGEST_INTEGER: Final = 2**53 - 1  # what every JSON reader holds exactly

_TICKS: Final[Mapping[type[Event], int]] = {
    AgentMoved: 1,
    ModuleCompileRequested: 1,
    ModuleArtifactDeployed: 1,
    ModuleInstalled: 1,
}


class InvariantError(Exception):
    """An event that cannot follow from the state before it; `code` and the sentence say why."""

    def __init__(self, code: str, reason: str) -> None:
        """Keep the code and the sentence."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


def initial() -> WorldState:
    """Give the state before the first event."""
    return EMPTY


def tick_after(state: WorldState, event: Event) -> int:
    """Give the clock after an event: a wait takes its ticks, any other deed of an agent one."""
    if isinstance(event, AgentWaited):
        return state.tick + event.ticks
    return state.tick + _TICKS.get(type(event), 0)


def replay(
    state: WorldState, journal: Iterable[Recorded], measure_content: MeasureContent
) -> WorldState:
    """Fold events into a state.

    Raises:
        InvariantError: at the first event that no true history holds.
    """
    for recorded in journal:
        state = evolve(state, recorded, measure_content)
    return state


def evolve(  # noqa: C901, PLR0911 - one arm an event
    state: WorldState, recorded: Recorded, measure_content: MeasureContent
) -> WorldState:
    """Give the state after one event.

    Raises:
        InvariantError: the event cannot follow from this state.
    """
    event, tick = recorded.event, recorded.tick
    if tick != tick_after(state, event) or tick > _LARGEST_INTEGER:
        raise InvariantError("wrong_tick", f"the clock cannot read {tick} here")
    if not state.world_id and not isinstance(event, WorldCreated):
        raise InvariantError("world_not_created", "the first event is not WorldCreated")
    match event:
        case AgentWaited():
            return _after_wait(state, event, tick)
        case AgentMoved():
            return _after_move(state, event, tick)
        case ActionRejected():
            return _after_rejection(state, event)
        case ModuleInstalled():
            return _after_install(state, event, tick)
        case ModuleArtifactDeployed():
            return _after_deploy(state, event, tick, measure_content)
        case ModuleCompileRequested():
            return _after_compile_request(state, recorded.seq, event, measure_content)
        case AgentRegistered():
            return _after_agent(state, event)
        case LocationRegistered():
            return _after_location(state, event)
        case WorldCreated():
            return _after_creation(state, event)
        case _:
            assert_never(event)


def _after_creation(state: WorldState, event: WorldCreated) -> WorldState:
    if state.world_id or not event.world_id:
        raise InvariantError("world_exists", "a world is created once, by its first event")
    return replace(state, world_id=event.world_id, name=event.name)


def _after_location(state: WorldState, event: LocationRegistered) -> WorldState:
    if event.location_id in state.locations:
        raise InvariantError("location_exists", f"location {event.location_id} exists already")
    place = LocationState(registered_at_tick=state.tick)
    return replace(state, locations=state.locations.set(event.location_id, place))


def _after_agent(state: WorldState, event: AgentRegistered) -> WorldState:
    if event.agent_id in state.agents:
        raise InvariantError("agent_exists", f"agent {event.agent_id} exists already")
    if event.location_id is not None:
        _require_location(state, event.location_id)
    agent = AgentState(location_id=event.location_id, registered_at_tick=state.tick)
    return replace(state, agents=state.agents.set(event.agent_id, agent))


def _after_wait(state: WorldState, event: AgentWaited, tick: int) -> WorldState:
    _require_agent(state, event.agent_id)
    if event.ticks < 1:
        raise InvariantError("no_ticks", "a wait takes at least one tick")
    # Written out because waits are most of a long journal; `replace` costs three times as much.
    return WorldState(
        state.world_id,
        state.name,
        tick,
        state.locations,
        state.agents,
        state.module_artifacts,
        state.installed_modules,
        state.module_versions,
        state.pending_compiles,
    )


def _after_move(state: WorldState, event: AgentMoved, tick: int) -> WorldState:
    agent = _require_agent(state, event.agent_id)
    _require_location(state, event.to_location_id)
    if agent.location_id != event.from_location_id:
        raise InvariantError("wrong_place", f"agent {event.agent_id} is not where it moves from")
    moved = AgentState(event.to_location_id, agent.registered_at_tick)
    return replace(state, tick=tick, agents=state.agents.set(event.agent_id, moved))


def _after_compile_request(
    state: WorldState, seq: int, event: ModuleCompileRequested, measure_content: MeasureContent
) -> WorldState:
    _require_agent(state, event.publisher_agent_id)
    if measure_content(event.source_digest) is None:
        raise InvariantError("content_missing", "the source package is missing or altered")
    pending = PendingCompile(event.publisher_agent_id, event.module_id, event.source_digest)
    return replace(
        state, tick=state.tick + 1, pending_compiles=state.pending_compiles.set(seq, pending)
    )


def _after_deploy(
    state: WorldState, event: ModuleArtifactDeployed, tick: int, measure_content: MeasureContent
) -> WorldState:
    publisher = event.publisher_agent_id
    _require_agent(state, publisher)
    _require_bytes(event, measure_content)
    known = state.module_artifacts.get(event.wasm_hash)
    if known is None:
        artifact = ArtifactState(
            publisher, frozenset((publisher,)), event.bytes_len, event.module_id_hint, tick
        )
    elif publisher in known.owners:
        artifact = known
    else:
        artifact = replace(known, owners=known.owners | {publisher})
    pending = state.pending_compiles
    if event.provenance is not None:
        pending = _without_request(state, event.provenance, publisher)
    return replace(
        state,
        tick=tick,
        module_artifacts=state.module_artifacts.set(event.wasm_hash, artifact),
        pending_compiles=pending,
    )


def _require_bytes(event: ModuleArtifactDeployed, measure_content: MeasureContent) -> None:
    if event.bytes_len < 1:
        raise InvariantError("empty_payload", "an artifact has at least one byte")
    measured = measure_content(event.wasm_hash)
    if measured is None:
        raise InvariantError("hash_mismatch", "no bytes with the artifact's hash are stored")
    if measured != event.bytes_len:
        raise InvariantError("length_mismatch", "the artifact's bytes have another length")


def _without_request(
    state: WorldState, provenance: Provenance, publisher: AgentId
) -> Map[int, PendingCompile]:
    pending = state.pending_compiles.get(provenance.request_seq)
    if (
        pending is None
        or pending.publisher != publisher
        or pending.source_digest != provenance.source_digest
    ):
        raise InvariantError("compile_not_requested", "its compile was not asked for, or has ended")
    return state.pending_compiles.delete(provenance.request_seq)


def _after_install(state: WorldState, event: ModuleInstalled, tick: int) -> WorldState:
    installer = event.installer_agent_id
    _require_agent(state, installer)
    artifact = state.module_artifacts.get(event.wasm_hash)
    if artifact is None:
        raise InvariantError("artifact_unknown", "the installed artifact was never deployed")
    if installer not in artifact.owners:
        raise InvariantError("owner_mismatch", f"agent {installer} does not own the artifact")
    held = state.installed_modules.get(event.module_id)
    if held is not None and held.installer != installer:
        raise InvariantError("module_id_taken", f"agent {held.installer} holds the module id")
    module = InstalledModuleState(
        event.module_version, event.wasm_hash, installer, event.install_target, event.active, tick
    )
    version = (event.module_id, event.module_version)
    return replace(
        state,
        tick=tick,
        installed_modules=state.installed_modules.set(event.module_id, module),
        module_versions=state.module_versions.set(version, event.wasm_hash),
    )


def _after_rejection(state: WorldState, event: ActionRejected) -> WorldState:
    if event.request_seq is None:
        return state
    if event.request_seq not in state.pending_compiles:
        raise InvariantError("compile_not_requested", "its compile was not asked for, or has ended")
    return replace(state, pending_compiles=state.pending_compiles.delete(event.request_seq))


def _require_agent(state: WorldState, agent_id: AgentId) -> AgentState:
    agent = state.agents.get(agent_id)
    if agent is None:
        raise InvariantError("agent_not_found", f"agent {agent_id} does not exist")
    return agent


def _require_location(state: WorldState, location_id: LocationId) -> None:
    if location_id not in state.locations:
        raise InvariantError("location_not_found", f"location {location_id} does not exist")
