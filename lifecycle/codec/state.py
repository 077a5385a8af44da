"""A world's state as one canonical document, and its digest."""

from collections.abc import Iterable
from typing import cast

import msgspec
from immutables import Map

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.core.ids import AgentId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.state import (
    AgentState,
    ArtifactState,
    InstalledModuleState,
    LocationState,
    PendingCompile,
    WorldState,
)
from lifecycle.core.values import JsonValue


def document_of(state: WorldState) -> dict[str, JsonValue]:
    """Give a state as JSON: maps by id, owners in order of their ids."""
    return {
        "world_id": state.world_id,
        "name": state.name,
        "tick": state.tick,
        "locations": _plain(state.locations.items()),
        "agents": _plain(state.agents.items()),
        "module_artifacts": {
            wasm_hash: {**_fields(artifact), "owners": sorted(artifact.owners)}
            for wasm_hash, artifact in state.module_artifacts.items()
        },
        "installed_modules": _plain(state.installed_modules.items()),
        "module_versions": sorted(
            [module_id, version, wasm_hash]
            for (module_id, version), wasm_hash in state.module_versions.items()
        ),
        "pending_compiles": {
            str(seq): _fields(pending) for seq, pending in state.pending_compiles.items()
        },
    }


def _fields(value: msgspec.Struct) -> dict[str, JsonValue]:
    return cast("dict[str, JsonValue]", msgspec.to_builtins(value))


def _plain(items: Iterable[tuple[str, msgspec.Struct]]) -> dict[str, JsonValue]:
    return {key: _fields(value) for key, value in items}


def state_digest(state: WorldState) -> Digest:
    """Give the SHA-256 of the state's canonical document."""
    return digest_of(canonical_bytes(document_of(state)))


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    world_id: str
    name: str
    tick: int
    locations: dict[LocationId, LocationState]
    agents: dict[AgentId, AgentState]
    module_artifacts: dict[WasmHash, ArtifactState]
    installed_modules: dict[ModuleId, InstalledModuleState]
    module_versions: list[tuple[ModuleId, str, WasmHash]]
    pending_compiles: dict[int, PendingCompile]


def encode_state(state: WorldState) -> bytes:
    """Give the state's canonical bytes, as a snapshot stores them."""
    return canonical_bytes(document_of(state))


def decode_state(encoded: bytes) -> WorldState:
    """Read a state back from its canonical bytes.

    Raises:
        msgspec.MsgspecError: the bytes are not a state of the current schema.
    """
    document = msgspec.json.decode(encoded, type=_Document)
    return WorldState(
        world_id=document.world_id,
        name=document.name,
        tick=document.tick,
        locations=Map(document.locations),
        agents=Map(document.agents),
        module_artifacts=Map(document.module_artifacts),
        installed_modules=Map(document.installed_modules),
        module_versions=Map(
            {
                (module_id, version): digest
                for module_id, version, digest in document.module_versions
            }
        ),
        pending_compiles=Map(document.pending_compiles),
    )
