"""A small world for the tests of the rules: `given` events, the actions asked of it.

No expectation belongs here.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from lifecycle.codec.packages import encode_package
from lifecycle.core.actions import (
    CompileModuleArtifactFromSource,
    DeployModuleArtifact,
    InstallModuleFromArtifact,
    ModuleBytes,
    ModuleDefect,
)
from lifecycle.core.events import (
    SELF_AGENT,
    Actor,
    AgentRegistered,
    Event,
    InstallTarget,
    LocationRegistered,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Provenance,
    Recorded,
    WorldCreated,
)
from lifecycle.core.evolve import initial, replay, tick_after
from lifecycle.core.ids import AgentId, DecisionId, Digest, LocationId, ModuleId, WasmHash
from lifecycle.core.policy import Policy
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.state import WorldState

ADA = AgentId("ada")
BOB = AgentId("bob")
NOBODY = AgentId("nobody")
HUB = LocationId("hub")
HARBOUR = LocationId("harbour")
NOWHERE = LocationId("nowhere")
CLOCK = ModuleId("clock")
BELL = ModuleId("bell")
WASM = b"\0asm\1\0\0\0"
OTHER_WASM = WASM + b"\0\2\1x"
UNKNOWN_WASM = WASM + b"\0\2\1y"
POLICY = Policy()
SOURCE = SourcePackage("main.wat", {"main.wat": "(module)"})
TOOLCHAIN_DIGEST = Digest("7" * 64)
ACTOR = Actor(account=None, agent_id=ADA, channel="api")
MOMENT = "2026-01-02T03:04:05.000006Z"
DECISION = DecisionId("00000000-0000-4000-8000-000000000001")

# The founding events that every world of these tests begins with.
FOUNDING: tuple[Event, ...] = (
    WorldCreated("world-1", "Demo"),
    LocationRegistered(HUB),
    LocationRegistered(HARBOUR),
    AgentRegistered(ADA, HUB),
    AgentRegistered(BOB, None),
)


def hash_of(content: bytes) -> WasmHash:
    return WasmHash(sha256(content).hexdigest())


def source_digest_of(source: SourcePackage) -> Digest:
    return Digest(sha256(encode_package(source)).hexdigest())


STORED: Mapping[str, int] = {
    sha256(content).hexdigest(): len(content)
    for content in (WASM, OTHER_WASM, encode_package(SOURCE))
}


def measure(digest: str) -> int | None:
    """Measure what the tests' content store holds."""
    return STORED.get(digest)


def recorded(state: WorldState, event: Event, seq: int, *, tick: int | None = None) -> Recorded:
    """Put an event after a state, at its right tick unless told otherwise."""
    tick = tick_after(state, event) if tick is None else tick
    return Recorded(seq, tick, event, DECISION, ACTOR, MOMENT)


def folded(events: Iterable[Event]) -> WorldState:
    state = initial()
    for seq, event in enumerate(events, 1):
        state = replay(state, [recorded(state, event, seq)], measure)
    return state


def given(*events: Event) -> WorldState:
    """Give the state of a founded world after more events."""
    return folded((*FOUNDING, *events))


def provenance(request_seq: int, source: SourcePackage = SOURCE) -> Provenance:
    return Provenance(
        request_seq=request_seq,
        source_digest=source_digest_of(source),
        toolchain="wat",
        toolchain_version="50.0.1",
        toolchain_digest=TOOLCHAIN_DIGEST,
        flags=("--features=all",),
    )


def deployed(
    content: bytes,
    *,
    by: AgentId,
    hint: ModuleId | None = None,
    compiled: Provenance | None = None,
) -> ModuleArtifactDeployed:
    return ModuleArtifactDeployed(
        publisher_agent_id=by,
        wasm_hash=hash_of(content),
        bytes_len=len(content),
        module_id_hint=hint,
        provenance=compiled,
    )


def installed(
    module_id: ModuleId,
    content: bytes,
    *,
    by: AgentId,
    version: str = "0.1.0",
    active: bool = True,
    flags: tuple[str, ...] = (),
) -> ModuleInstalled:
    return ModuleInstalled(
        installer_agent_id=by,
        module_id=module_id,
        module_version=version,
        wasm_hash=hash_of(content),
        install_target=InstallTarget(type=SELF_AGENT),
        active=active,
        flags=flags,
    )


def compile_requested(
    *, by: AgentId, module_id: ModuleId = CLOCK, source: SourcePackage = SOURCE
) -> ModuleCompileRequested:
    return ModuleCompileRequested(
        publisher_agent_id=by,
        module_id=module_id,
        manifest_path=source.manifest_path,
        toolchain="wat",
        source_digest=source_digest_of(source),
        source_bytes_len=source.size_bytes,
        file_count=len(source.files),
    )


def measured(content: bytes, *, defect: ModuleDefect | None = None) -> ModuleBytes:
    return ModuleBytes(hash_of(content), len(content), defect)


def compiling(
    source: SourcePackage = SOURCE, *, by: AgentId = ADA, module_id: ModuleId = CLOCK
) -> CompileModuleArtifactFromSource:
    return CompileModuleArtifactFromSource(by, module_id, source, source_digest_of(source))


def deploying(
    content: bytes,
    *,
    by: AgentId,
    said: WasmHash | None = None,
    hint: ModuleId | None = None,
    defect: ModuleDefect | None = None,
) -> DeployModuleArtifact:
    said = hash_of(content) if said is None else said
    return DeployModuleArtifact(by, said, measured(content, defect=defect), hint)


def installing(
    module_id: ModuleId, content: bytes, *, by: AgentId, version: str = "0.1.0", active: bool = True
) -> InstallModuleFromArtifact:
    return InstallModuleFromArtifact(by, module_id, version, hash_of(content), active)
