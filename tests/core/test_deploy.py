"""Publishing bytes: the hash must be theirs, the module acceptable; content has no owner."""

from lifecycle.core.actions import ModuleDefect
from lifecycle.core.decide import decide
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    AgentNotFound,
    EmptyField,
    HashMismatch,
    InvalidWasm,
    LimitExceeded,
)
from tests.core.builders import (
    ADA,
    BOB,
    CLOCK,
    NOBODY,
    OTHER_WASM,
    POLICY,
    WASM,
    deployed,
    deploying,
    given,
    hash_of,
)

DEFECT = ModuleDefect("feature_not_allowed", {"feature": "threads"})


def test_bytes_are_published_under_their_hash() -> None:
    verdict = decide(given(), deploying(WASM, by=ADA, hint=CLOCK), POLICY)

    assert verdict == (deployed(WASM, by=ADA, hint=CLOCK),)


def test_a_module_id_is_not_needed() -> None:
    verdict = decide(given(), deploying(WASM, by=ADA), POLICY)

    assert verdict == (deployed(WASM, by=ADA),)


def test_bytes_with_another_hash_than_said_are_refused_naming_both() -> None:
    said = hash_of(OTHER_WASM)

    verdict = decide(given(), deploying(WASM, by=ADA, said=said), POLICY)

    assert verdict == HashMismatch(said, actual=hash_of(WASM))


def test_the_hash_is_judged_before_the_module() -> None:
    said = hash_of(OTHER_WASM)

    verdict = decide(given(), deploying(WASM, by=ADA, said=said, defect=DEFECT), POLICY)

    assert verdict == HashMismatch(said, actual=hash_of(WASM))


def test_w15_bytes_that_are_no_acceptable_module_are_refused_with_reason_and_facts() -> None:
    verdict = decide(given(), deploying(WASM, by=ADA, defect=DEFECT), POLICY)

    assert verdict == InvalidWasm(
        "wasm_bytes_hex", "feature_not_allowed", detail={"feature": "threads"}
    )


def test_no_bytes_are_refused() -> None:
    verdict = decide(given(), deploying(b"", by=ADA), POLICY)

    assert verdict == EmptyField("wasm_bytes_hex")


def test_more_bytes_than_the_limit_are_refused() -> None:
    policy = Policy(max_wasm_bytes=len(WASM) - 1)

    verdict = decide(given(), deploying(WASM, by=ADA), policy)

    assert verdict == LimitExceeded("wasm_bytes_hex", "max_wasm_bytes", len(WASM) - 1, len(WASM))


def test_as_many_bytes_as_the_limit_are_fine() -> None:
    policy = Policy(max_wasm_bytes=len(WASM))

    assert decide(given(), deploying(WASM, by=ADA), policy) == (deployed(WASM, by=ADA),)


def test_an_agent_that_is_not_in_the_world_cannot_publish() -> None:
    verdict = decide(given(), deploying(WASM, by=NOBODY), POLICY)

    assert verdict == AgentNotFound("publisher", NOBODY)


def test_m01_a_second_publisher_becomes_an_owner_beside_the_first() -> None:
    state = given(deployed(WASM, by=ADA))

    verdict = decide(state, deploying(WASM, by=BOB), POLICY)

    assert verdict == (deployed(WASM, by=BOB),)
    artifact = given(deployed(WASM, by=ADA), deployed(WASM, by=BOB)).module_artifacts[hash_of(WASM)]
    assert artifact.publisher == ADA
    assert artifact.owners == {ADA, BOB}


def test_an_owner_that_publishes_again_changes_nothing() -> None:
    state = given(deployed(WASM, by=ADA), deployed(WASM, by=BOB))

    assert decide(state, deploying(WASM, by=ADA), POLICY) == ()
    assert decide(state, deploying(WASM, by=BOB), POLICY) == ()


def test_m01_a_second_publisher_changes_neither_hint_nor_time_of_the_artifact() -> None:
    first = given(deployed(WASM, by=ADA, hint=CLOCK)).module_artifacts[hash_of(WASM)]

    state = given(deployed(WASM, by=ADA, hint=CLOCK), deployed(WASM, by=BOB))

    artifact = state.module_artifacts[hash_of(WASM)]
    assert artifact.module_id_hint == CLOCK
    assert artifact.deployed_at_tick == first.deployed_at_tick
