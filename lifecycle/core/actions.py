"""What an agent or an operator asks of a world: the closed union of actions.

An action is well-formed by construction; whether the rules allow it is `decide`'s to say.
"""

from typing import TypeAlias

from lifecycle.core.events import Provenance
from lifecycle.core.ids import AgentId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonObject, Value


class CreateWorld(Value):
    """Begin a world."""

    world_id: str
    name: str


class RegisterLocation(Value):
    """Add a place."""

    location_id: LocationId


class RegisterAgent(Value):
    """Add an agent, at a place or nowhere."""

    agent_id: AgentId
    location_id: LocationId | None


class WaitTicks(Value):
    """Let the world's clock run."""

    agent_id: AgentId
    ticks: int


class MoveAgent(Value):
    """Go to a place."""

    agent_id: AgentId
    to: LocationId


class CompileModuleArtifactFromSource(Value):
    """Compile a source package, whose digest is `source_digest`, and publish what comes out."""

    publisher: AgentId
    module_id: ModuleId
    source: SourcePackage
    source_digest: Digest


class ModuleDefect(Value):
    """Why bytes are not an acceptable module: a stable reason and its facts."""

    reason: str
    facts: JsonObject


class ModuleBytes(Value):
    """What was measured of a module's bytes before the rules see them."""

    digest: WasmHash
    size_bytes: int
    defect: ModuleDefect | None


class DeployModuleArtifact(Value):
    """Publish bytes under the hash that the sender says they have."""

    publisher: AgentId
    wasm_hash: WasmHash
    wasm: ModuleBytes
    module_id: ModuleId | None


class InstallModuleFromArtifact(Value):
    """Bind a module id to an artifact."""

    installer: AgentId
    module_id: ModuleId
    module_version: str
    wasm_hash: WasmHash
    active: bool


class CompileSucceeded(Value):
    """A compile ended with these bytes."""

    wasm: ModuleBytes
    provenance: Provenance


class CompileFailed(Value):
    """A compile ended without an artifact; `diagnostics_digest` names the stored diagnostics."""

    code: str
    facts: JsonObject
    diagnostics_digest: Digest | None


class FinishCompile(Value):
    """Record how a requested compile ended."""

    publisher: AgentId
    module_id: ModuleId
    request_seq: int
    result: CompileSucceeded | CompileFailed


Action: TypeAlias = (
    CreateWorld
    | RegisterLocation
    | RegisterAgent
    | WaitTicks
    | MoveAgent
    | CompileModuleArtifactFromSource
    | DeployModuleArtifact
    | InstallModuleFromArtifact
    | FinishCompile
)
