"""What happened in a world: the closed union of events and the values they carry.

No verb belongs here; `decide` makes events, `evolve` applies them.
"""

from typing import Final, Literal, TypeAlias

from lifecycle.core.ids import AgentId, DecisionId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.values import JsonObject, Value

SELF_AGENT: Final = "self_agent"
VERSION_REUSED: Final = "version_reused"
VERSION_LOWERED: Final = "version_lowered"


class Actor(Value):
    """Who caused an event: the agent, the account behind it, and the channel it came by.

    `channel` is one of ``api``, ``mcp``, ``notebook``, ``runner``, ``command``.
    """

    account: str | None
    agent_id: AgentId | None
    channel: str


class Provenance(Value):
    """Where an artifact's bytes came from: the request, the sources and the exact compiler."""

    request_seq: int
    source_digest: Digest
    toolchain: str
    toolchain_version: str
    toolchain_digest: Digest
    flags: tuple[str, ...]


class InstallTarget(Value):
    """Where a module is installed; so far always the installing agent itself."""

    type: Literal["self_agent"]


class RejectionRecord(Value):
    """A refusal as it is stored: a stable code, the field, and facts. Wording is not stored."""

    code: str
    field: str | None
    facts: JsonObject


class WorldCreated(Value):
    """A world began; its id sets its journal apart from every other from the first hash on."""

    world_id: str
    name: str


class LocationRegistered(Value):
    """A place became part of the world."""

    location_id: LocationId


class AgentRegistered(Value):
    """An agent became part of the world, at a place or nowhere."""

    agent_id: AgentId
    location_id: LocationId | None


class AgentMoved(Value):
    """An agent went to a place."""

    agent_id: AgentId
    from_location_id: LocationId | None
    to_location_id: LocationId


class AgentWaited(Value):
    """An agent let the world's clock run for `ticks`, at least 1."""

    agent_id: AgentId
    ticks: int


class ModuleCompileRequested(Value):
    """An agent asked for a compile of the source package with this digest."""

    publisher_agent_id: AgentId
    module_id: ModuleId
    manifest_path: str
    toolchain: str
    source_digest: Digest
    source_bytes_len: int
    file_count: int


class ModuleArtifactDeployed(Value):
    """An agent published the bytes with this hash; `provenance` is absent for uploaded bytes."""

    publisher_agent_id: AgentId
    wasm_hash: WasmHash
    bytes_len: int
    module_id_hint: ModuleId | None
    provenance: Provenance | None


class ModuleInstalled(Value):
    """An owner bound a module id to an artifact in this world.

    `flags` holds ``version_reused`` and ``version_lowered`` where they apply.
    """

    installer_agent_id: AgentId
    module_id: ModuleId
    module_version: str
    wasm_hash: WasmHash
    install_target: InstallTarget
    active: bool
    flags: tuple[str, ...]


class ActionRejected(Value):
    """The rules refused an action.

    `action` is the action without bulk content. `request_seq` is the compile request that this
    refusal ends, where it ends one.
    """

    action: JsonObject
    rejection: RejectionRecord
    request_seq: int | None


Event: TypeAlias = (
    WorldCreated
    | LocationRegistered
    | AgentRegistered
    | AgentMoved
    | AgentWaited
    | ModuleCompileRequested
    | ModuleArtifactDeployed
    | ModuleInstalled
    | ActionRejected
)


class Recorded(Value):
    """An event at its place in the journal. `recorded_at` is RFC 3339 UTC with microseconds."""

    seq: int
    tick: int
    event: Event
    decision_id: DecisionId | None
    actor: Actor
    recorded_at: str
