"""A state as a document: one form, one digest, and back."""

import msgspec
import pytest

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.codec.state import decode_state, document_of, encode_state, state_digest
from lifecycle.core.events import AgentWaited
from lifecycle.core.evolve import initial
from lifecycle.core.state import WorldState
from tests.core.builders import (
    ADA,
    BELL,
    BOB,
    CLOCK,
    OTHER_WASM,
    WASM,
    compile_requested,
    deployed,
    given,
    hash_of,
    installed,
    provenance,
)


def full() -> WorldState:
    return given(
        compile_requested(by=ADA),
        compile_requested(by=ADA),
        deployed(WASM, by=ADA, compiled=provenance(6)),
        deployed(WASM, by=BOB, hint=BELL),
        deployed(OTHER_WASM, by=BOB, hint=BELL),
        installed(CLOCK, WASM, by=ADA),
        installed(BELL, OTHER_WASM, by=BOB, active=False),
        installed(BELL, OTHER_WASM, by=BOB, version="0.2.0"),
    )


@pytest.mark.parametrize("state", [initial(), given(), full()])
def test_decoding_inverts_encoding(state: WorldState) -> None:
    assert decode_state(encode_state(state)) == state


def test_the_digest_is_that_of_the_canonical_document() -> None:
    assert state_digest(full()) == digest_of(canonical_bytes(document_of(full())))


def test_the_digest_does_not_depend_on_the_order_of_owners() -> None:
    one = given(deployed(WASM, by=ADA), deployed(WASM, by=BOB))

    assert document_of(one)["module_artifacts"][hash_of(WASM)]["owners"] == ["ada", "bob"]  # type: ignore[call-overload, index]


def test_states_that_differ_have_different_digests() -> None:
    states = [initial(), given(), given(AgentWaited(ADA, 1)), full()]

    assert len({state_digest(state) for state in states}) == len(states)


def test_e13_a_document_of_another_schema_is_refused() -> None:
    document = {**document_of(given()), "weather": "rain"}

    with pytest.raises(msgspec.ValidationError):
        decode_state(canonical_bytes(document))
