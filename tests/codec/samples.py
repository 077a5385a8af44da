"""One journal that holds every kind of event, with text that tests the canonical form.

Its events are fixed for ever: the published test vectors are made of them.
"""

from collections.abc import Iterator

from lifecycle.codec.events import GENESIS_HASH, encode_event, hash_event
from lifecycle.core.events import (
    SELF_AGENT,
    VERSION_REUSED,
    ActionRejected,
    Actor,
    AgentMoved,
    AgentRegistered,
    AgentWaited,
    Event,
    InstallTarget,
    LocationRegistered,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Provenance,
    Recorded,
    RejectionRecord,
    WorldCreated,
)
from lifecycle.core.ids import AgentId, DecisionId, Digest, LocationId, ModuleId, WasmHash

ADA = AgentId("ada")
CLOCK = ModuleId("clock")
HUB = LocationId("hub")
SOURCE_DIGEST = Digest("1" * 64)
WASM_HASH = WasmHash("93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476")
PROVENANCE = Provenance(
    request_seq=6,
    source_digest=SOURCE_DIGEST,
    toolchain="wat",
    toolchain_version="50.0.1",
    toolchain_digest=Digest("2" * 64),
    flags=("--enable-simd",),
)

# Names that sort differently by UTF-16 code unit than by code point, and every kind of escape.
FACTS = {
    "\U0001f600": "after U+FB33 by code point, before it by code unit",
    "\ufb33": 'quote " backslash \\ slash / tab \t newline \n bell \a delete \x7f',
    "maximum": 2**53 - 1,
    "minimum": -(2**53 - 1),
    "nothing": None,
    "list": [True, False, [], {}],
}

EVENTS: tuple[tuple[int, Event], ...] = (
    (0, WorldCreated("00000000-0000-4000-8000-00000000000a", "Démo \u20ac")),
    (0, LocationRegistered(HUB)),
    (0, AgentRegistered(ADA, None)),
    (1, AgentMoved(ADA, None, HUB)),
    (4, AgentWaited(ADA, 3)),
    (5, ModuleCompileRequested(ADA, CLOCK, "main.wat", "wat", SOURCE_DIGEST, 8, 1)),
    (6, ModuleArtifactDeployed(ADA, WASM_HASH, 8, CLOCK, PROVENANCE)),
    (7, ModuleArtifactDeployed(ADA, WASM_HASH, 8, None, None)),
    (
        8,
        ModuleInstalled(
            installer_agent_id=ADA,
            module_id=CLOCK,
            module_version="0.1.0",
            wasm_hash=WASM_HASH,
            install_target=InstallTarget(type=SELF_AGENT),
            active=True,
            flags=(VERSION_REUSED,),
        ),
    ),
    (
        8,
        ActionRejected(
            {"decision": "move_agent", "to": "moon"},
            RejectionRecord("location_not_found", "to", FACTS),
            None,
        ),
    ),
)


def journal() -> Iterator[Recorded]:
    """Give the events at their places."""
    for seq, (tick, event) in enumerate(EVENTS, 1):
        by_agent = seq > 3
        yield Recorded(
            seq=seq,
            tick=tick,
            event=event,
            decision_id=DecisionId(f"00000000-0000-4000-8000-{seq:012}") if by_agent else None,
            actor=Actor("operator", ADA if by_agent else None, "api" if by_agent else "command"),
            recorded_at=f"2026-01-02T03:04:05.{seq:06}Z",
        )


def chain() -> list[bytes]:
    """Give the journal's canonical bytes, each event with the hash of the one before."""
    encoded: list[bytes] = []
    prev_hash = GENESIS_HASH
    for recorded in journal():
        encoded.append(encode_event(recorded, prev_hash))
        prev_hash = hash_event(encoded[-1])
    return encoded
