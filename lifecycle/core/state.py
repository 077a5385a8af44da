"""The state of a world at one place of its journal. Values only; `evolve` makes the next one.

A `WorldState` may be whole, as replay folds it, or a slice that holds just what one action needs;
`decide` gives the same verdict on both (see docs/adr/0004).
"""

from typing import Final

from immutables import Map

from lifecycle.core.events import InstallTarget
from lifecycle.core.ids import AgentId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.values import Value


class AgentState(Value):
    """An agent and where it is."""

    location_id: LocationId | None
    registered_at_tick: int


class LocationState(Value):
    """A place."""

    registered_at_tick: int


class ArtifactState(Value):
    """Published bytes: `publisher` was the first of `owners`."""

    publisher: AgentId
    owners: frozenset[AgentId]
    bytes_len: int
    module_id_hint: ModuleId | None
    deployed_at_tick: int


class InstalledModuleState(Value):
    """What a module id is bound to now."""

    module_version: str
    wasm_hash: WasmHash
    installer: AgentId
    install_target: InstallTarget
    active: bool
    installed_at_tick: int


class PendingCompile(Value):
    """A requested compile that has no outcome yet."""

    publisher: AgentId
    module_id: ModuleId
    source_digest: Digest


class WorldState(Value):
    """All that the rules may look at. `world_id` is empty before `WorldCreated`.

    `pending_compiles` is keyed by the request's `seq`; `module_versions` by module id and
    version, and gives the hash last installed under them.
    """

    world_id: str
    name: str
    tick: int
    locations: Map[LocationId, LocationState]
    agents: Map[AgentId, AgentState]
    module_artifacts: Map[WasmHash, ArtifactState]
    installed_modules: Map[ModuleId, InstalledModuleState]
    module_versions: Map[tuple[ModuleId, str], WasmHash]
    pending_compiles: Map[int, PendingCompile]


EMPTY: Final = WorldState(
    world_id="",
    name="",
    tick=0,
    locations=Map(),
    agents=Map(),
    module_artifacts=Map(),
    installed_modules=Map(),
    module_versions=Map(),
    pending_compiles=Map(),
)
