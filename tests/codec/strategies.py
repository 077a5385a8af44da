"""Hypothesis strategies for JSON values that have a canonical form, and for events."""

from hypothesis import strategies

from lifecycle.core.events import (
    SELF_AGENT,
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
from lifecycle.core.values import JsonObject, JsonValue

LARGEST = 2**53 - 1
TEXTS = strategies.text(strategies.characters(codec="utf-8"), max_size=20)
INTEGERS = strategies.integers(-LARGEST, LARGEST)
COUNTS = strategies.integers(0, LARGEST)
JSON: strategies.SearchStrategy[JsonValue] = strategies.recursive(
    strategies.none() | strategies.booleans() | INTEGERS | TEXTS,
    lambda inner: (
        strategies.lists(inner, max_size=4) | strategies.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=15,
)
OBJECTS: strategies.SearchStrategy[JsonObject] = strategies.dictionaries(TEXTS, JSON, max_size=4)
AGENTS = TEXTS.map(AgentId)
PLACES = TEXTS.map(LocationId)
MODULES = TEXTS.map(ModuleId)
HASHES = strategies.binary(min_size=32, max_size=32).map(bytes.hex)
DIGESTS = HASHES.map(Digest)
WASM_HASHES = HASHES.map(WasmHash)
TEXT_TUPLES = strategies.lists(TEXTS, max_size=3).map(tuple)
PROVENANCES = strategies.builds(Provenance, COUNTS, DIGESTS, TEXTS, TEXTS, DIGESTS, TEXT_TUPLES)
TARGETS = strategies.just(InstallTarget(type=SELF_AGENT))
MAYBE = strategies.none()

EVENTS: strategies.SearchStrategy[Event] = strategies.one_of(
    strategies.builds(WorldCreated, TEXTS, TEXTS),
    strategies.builds(LocationRegistered, PLACES),
    strategies.builds(AgentRegistered, AGENTS, MAYBE | PLACES),
    strategies.builds(AgentMoved, AGENTS, MAYBE | PLACES, PLACES),
    strategies.builds(AgentWaited, AGENTS, COUNTS),
    strategies.builds(
        ModuleCompileRequested, AGENTS, MODULES, TEXTS, TEXTS, DIGESTS, COUNTS, COUNTS
    ),
    strategies.builds(
        ModuleArtifactDeployed, AGENTS, WASM_HASHES, COUNTS, MAYBE | MODULES, MAYBE | PROVENANCES
    ),
    strategies.builds(
        ModuleInstalled,
        AGENTS,
        MODULES,
        TEXTS,
        WASM_HASHES,
        TARGETS,
        strategies.booleans(),
        TEXT_TUPLES,
    ),
    strategies.builds(
        ActionRejected,
        OBJECTS,
        strategies.builds(RejectionRecord, TEXTS, MAYBE | TEXTS, OBJECTS),
        MAYBE | COUNTS,
    ),
)
MOMENTS = strategies.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27))
RECORDED = strategies.builds(
    Recorded,
    COUNTS,
    COUNTS,
    EVENTS,
    MAYBE | TEXTS.map(DecisionId),
    strategies.builds(Actor, MAYBE | TEXTS, MAYBE | AGENTS, TEXTS),
    MOMENTS,
)
