"""What no true history holds is refused at its first event; what it holds becomes state."""

from collections.abc import Callable

import pytest

from lifecycle.core.events import (
    ActionRejected,
    AgentMoved,
    AgentRegistered,
    AgentWaited,
    Event,
    LocationRegistered,
    ModuleArtifactDeployed,
    RejectionRecord,
    WorldCreated,
)
from lifecycle.core.evolve import InvariantError, evolve, initial, replay
from lifecycle.core.ids import AgentId, WasmHash
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.state import EMPTY, WorldState
from tests.core.builders import (
    ADA,
    BOB,
    CLOCK,
    FOUNDING,
    HARBOUR,
    HUB,
    NOBODY,
    NOWHERE,
    OTHER_WASM,
    SOURCE,
    UNKNOWN_WASM,
    WASM,
    compile_requested,
    deployed,
    folded,
    given,
    hash_of,
    installed,
    measure,
    provenance,
    recorded,
    source_digest_of,
)

REQUEST = compile_requested(by=ADA)
REQUEST_SEQ = len(FOUNDING) + 1
REFUSAL = RejectionRecord("compile_failed", "source_files", {})


def after(state: WorldState, event: Event, *, tick: int | None = None) -> WorldState:
    return evolve(state, recorded(state, event, seq=99, tick=tick), measure)


def why_refused(state: WorldState, event: Event, *, tick: int | None = None) -> str:
    with pytest.raises(InvariantError) as error:
        after(state, event, tick=tick)
    assert str(error.value) == error.value.reason
    return error.value.code


def test_the_state_before_the_first_event_is_empty() -> None:
    assert initial() == EMPTY


def test_the_first_event_must_create_the_world() -> None:
    assert why_refused(initial(), LocationRegistered(HUB)) == "world_not_created"


@pytest.mark.parametrize("event", [WorldCreated("world-1", "Demo"), WorldCreated("world-2", "x")])
def test_a_world_is_created_once(event: WorldCreated) -> None:
    assert why_refused(given(), event) == "world_exists"


def test_a_world_without_an_id_is_refused() -> None:
    assert why_refused(initial(), WorldCreated("", "Demo")) == "world_exists"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (LocationRegistered(HUB), "location_exists"),
        (AgentRegistered(ADA, None), "agent_exists"),
        (AgentRegistered(AgentId("carl"), NOWHERE), "location_not_found"),
        (AgentWaited(NOBODY, 1), "agent_not_found"),
        (AgentWaited(ADA, 0), "no_ticks"),
        (AgentMoved(NOBODY, None, HUB), "agent_not_found"),
        (AgentMoved(ADA, HUB, NOWHERE), "location_not_found"),
        (AgentMoved(ADA, HARBOUR, HUB), "wrong_place"),
        (AgentMoved(ADA, None, HUB), "wrong_place"),
        (compile_requested(by=NOBODY), "agent_not_found"),
        (deployed(WASM, by=NOBODY), "agent_not_found"),
        (installed(CLOCK, WASM, by=NOBODY), "agent_not_found"),
        (installed(CLOCK, WASM, by=ADA), "artifact_unknown"),
        (deployed(UNKNOWN_WASM, by=ADA), "hash_mismatch"),
        (ActionRejected({}, REFUSAL, 99), "compile_not_requested"),
    ],
)
def test_an_event_that_cannot_follow_is_refused_with_its_code(event: Event, code: str) -> None:
    assert why_refused(given(), event) == code


@pytest.mark.parametrize("ticks", [0, -1])
def test_a_wait_of_no_ticks_is_refused_even_where_the_clock_agrees(ticks: int) -> None:
    assert why_refused(given(AgentWaited(ADA, 5)), AgentWaited(ADA, ticks)) == "no_ticks"


def test_a_source_package_that_is_not_stored_is_refused() -> None:
    lost = SourcePackage("lost.wat", {"lost.wat": "(module)"})

    assert why_refused(given(), compile_requested(by=ADA, source=lost)) == "content_missing"


def test_an_artifact_without_bytes_is_refused() -> None:
    event = ModuleArtifactDeployed(ADA, hash_of(WASM), 0, None, None)

    assert why_refused(given(), event) == "empty_payload"


def test_an_artifact_whose_bytes_have_another_length_is_refused() -> None:
    event = ModuleArtifactDeployed(ADA, hash_of(WASM), len(WASM) + 1, None, None)

    assert why_refused(given(), event) == "length_mismatch"


def test_an_install_by_who_does_not_own_the_artifact_is_refused() -> None:
    state = given(deployed(WASM, by=ADA))

    assert why_refused(state, installed(CLOCK, WASM, by=BOB)) == "owner_mismatch"


def test_an_install_under_an_id_that_another_agent_holds_is_refused() -> None:
    state = given(deployed(WASM, by=ADA), deployed(WASM, by=BOB), installed(CLOCK, WASM, by=ADA))

    assert why_refused(state, installed(CLOCK, WASM, by=BOB)) == "module_id_taken"


def test_a_compiled_artifact_that_nobody_asked_for_is_refused() -> None:
    event = deployed(WASM, by=ADA, compiled=provenance(REQUEST_SEQ))

    assert why_refused(given(), event) == "compile_not_requested"


def test_a_compiled_artifact_of_another_agents_request_is_refused() -> None:
    event = deployed(WASM, by=BOB, compiled=provenance(REQUEST_SEQ))

    assert why_refused(given(REQUEST), event) == "compile_not_requested"


def test_a_compiled_artifact_of_other_sources_than_requested_is_refused() -> None:
    other = SourcePackage("other.wat", {"other.wat": "(module)"})
    event = deployed(WASM, by=ADA, compiled=provenance(REQUEST_SEQ, other))

    assert why_refused(given(REQUEST), event) == "compile_not_requested"


def test_m13_a_request_ends_once() -> None:
    ended = given(REQUEST, deployed(WASM, by=ADA, compiled=provenance(REQUEST_SEQ)))

    again = deployed(OTHER_WASM, by=ADA, compiled=provenance(REQUEST_SEQ))
    assert why_refused(ended, again) == "compile_not_requested"
    assert why_refused(ended, ActionRejected({}, REFUSAL, REQUEST_SEQ)) == "compile_not_requested"


@pytest.mark.parametrize("tick", [0, 3, -1])
def test_a_clock_that_reads_anything_but_the_next_tick_is_refused(tick: int) -> None:
    state = given(AgentWaited(ADA, 1))

    assert why_refused(state, AgentMoved(ADA, HUB, HARBOUR), tick=tick) == "wrong_tick"


def test_a_clock_past_what_json_holds_exactly_is_refused() -> None:
    state = given(AgentWaited(ADA, 2**53 - 2))

    assert after(state, AgentMoved(ADA, HUB, HARBOUR)).tick == 2**53 - 1
    assert why_refused(state, AgentWaited(ADA, 2)) == "wrong_tick"


@pytest.mark.parametrize(
    ("event", "ticks"),
    [
        (LocationRegistered(NOWHERE), 0),
        (AgentRegistered(NOBODY, HUB), 0),
        (ActionRejected({}, REFUSAL, None), 0),
        (AgentWaited(ADA, 7), 7),
        (AgentMoved(ADA, HUB, HARBOUR), 1),
        (REQUEST, 1),
        (deployed(WASM, by=ADA), 1),
        (installed(CLOCK, OTHER_WASM, by=ADA), 1),
    ],
)
def test_a_wait_takes_its_ticks_and_any_other_deed_of_an_agent_one(
    event: Event, ticks: int
) -> None:
    state = given(deployed(OTHER_WASM, by=ADA))

    assert after(state, event).tick == state.tick + ticks


def test_agents_and_places_know_when_they_came() -> None:
    state = given(AgentWaited(ADA, 4), LocationRegistered(NOWHERE), AgentRegistered(NOBODY, HUB))

    assert state.locations[NOWHERE].registered_at_tick == 4
    assert state.agents[NOBODY].registered_at_tick == 4
    assert state.agents[NOBODY].location_id == HUB


def test_a_mover_keeps_when_it_came() -> None:
    state = given(
        AgentWaited(ADA, 4), AgentRegistered(NOBODY, HUB), AgentMoved(NOBODY, HUB, HARBOUR)
    )

    assert state.agents[NOBODY].registered_at_tick == 4


def test_a_request_is_pending_until_its_artifact_comes() -> None:
    asked = given(REQUEST)
    ended = given(REQUEST, deployed(WASM, by=ADA, compiled=provenance(REQUEST_SEQ)))

    pending = asked.pending_compiles[REQUEST_SEQ]
    assert (pending.publisher, pending.module_id) == (ADA, CLOCK)
    assert pending.source_digest == source_digest_of(SOURCE)
    assert not ended.pending_compiles


def test_a_request_is_pending_until_its_refusal_comes() -> None:
    ended = given(REQUEST, ActionRejected({}, REFUSAL, REQUEST_SEQ))

    assert not ended.pending_compiles


def test_uploaded_bytes_end_no_request() -> None:
    assert given(REQUEST, deployed(WASM, by=ADA)).pending_compiles


def test_a_refusal_of_an_action_changes_nothing() -> None:
    state = given()

    assert after(state, ActionRejected({}, REFUSAL, None)) == state


def test_an_owner_may_be_recorded_as_publishing_again() -> None:
    """Rules refuse it now, but a compile of bytes that the agent already has ends this way."""
    once = given(deployed(WASM, by=ADA))
    twice = given(deployed(WASM, by=ADA), deployed(WASM, by=ADA))

    assert twice.module_artifacts == once.module_artifacts


def test_a_module_id_keeps_what_was_installed_under_each_version() -> None:
    state = given(
        deployed(WASM, by=ADA),
        deployed(OTHER_WASM, by=ADA),
        installed(CLOCK, WASM, by=ADA),
        installed(CLOCK, OTHER_WASM, by=ADA, version="0.2.0", active=False),
    )

    module = state.installed_modules[CLOCK]
    assert (module.wasm_hash, module.active, module.installed_at_tick) == (
        hash_of(OTHER_WASM),
        False,
        4,
    )
    assert dict(state.module_versions) == {
        (CLOCK, "0.1.0"): hash_of(WASM),
        (CLOCK, "0.2.0"): hash_of(OTHER_WASM),
    }


def test_replay_in_two_parts_equals_replay_in_one() -> None:
    events = (
        *FOUNDING,
        AgentWaited(ADA, 2),
        deployed(WASM, by=ADA),
        installed(CLOCK, WASM, by=ADA),
        AgentMoved(BOB, None, HUB),
        deployed(WASM, by=BOB),
    )
    for cut in range(len(events) + 1):
        state = folded(events[:cut])
        for seq, event in enumerate(events[cut:], cut + 1):
            state = replay(state, [recorded(state, event, seq)], measure)
        assert state == folded(events)


def test_policy_is_not_asked_in_replay() -> None:
    """An id that no grammar of today allows, and a wait beyond today's limit, stay readable."""
    stranger = AgentId("née in another age")

    state = given(AgentRegistered(stranger, None), AgentWaited(stranger, 10**12))

    assert state.tick == 10**12


def test_content_is_measured_by_the_hash_that_the_event_names() -> None:
    asked: list[str] = []

    def measuring(digest: str) -> int | None:
        asked.append(digest)
        return measure(digest)

    check: Callable[[str], int | None] = measuring
    state = given()
    evolve(state, recorded(state, deployed(WASM, by=ADA), 6), check)
    evolve(state, recorded(state, REQUEST, 6), check)

    assert asked == [WasmHash(hash_of(WASM)), source_digest_of(SOURCE)]
