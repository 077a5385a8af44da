"""How a compile ends: with one outcome, its module judged like any other."""

from lifecycle.core.actions import (
    CompileFailed,
    CompileSucceeded,
    FinishCompile,
    ModuleDefect,
)
from lifecycle.core.decide import decide
from lifecycle.core.events import ActionRejected
from lifecycle.core.ids import Digest
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    CompileEnded,
    EmptyField,
    InvalidWasm,
    LimitExceeded,
    record_of,
)
from tests.core.builders import (
    ADA,
    BELL,
    BOB,
    CLOCK,
    POLICY,
    WASM,
    compile_requested,
    deployed,
    given,
    measured,
    provenance,
)

REQUEST_SEQ = 6  # the first after the founding events
DIAGNOSTICS = Digest("d" * 64)
REQUEST = compile_requested(by=ADA)
FAILED = CompileFailed("compile_failed", {"exit_status": 1}, DIAGNOSTICS)


def finishing(
    content: bytes = WASM, *, defect: ModuleDefect | None = None, request_seq: int = REQUEST_SEQ
) -> FinishCompile:
    result = CompileSucceeded(measured(content, defect=defect), provenance(request_seq))
    return FinishCompile(ADA, CLOCK, request_seq, result)


def test_a_compile_that_succeeds_publishes_its_bytes_with_their_provenance() -> None:
    verdict = decide(given(REQUEST), finishing(), POLICY)

    assert verdict == (deployed(WASM, by=ADA, hint=CLOCK, compiled=provenance(REQUEST_SEQ)),)


def test_a_compile_that_fails_is_a_rejection_with_its_code_and_diagnostics() -> None:
    verdict = decide(given(REQUEST), FinishCompile(ADA, CLOCK, REQUEST_SEQ, FAILED), POLICY)

    assert verdict == CompileEnded("compile_failed", {"exit_status": 1}, DIAGNOSTICS)


def test_m13_a_request_that_has_its_artifact_gets_no_second_outcome() -> None:
    state = given(REQUEST, deployed(WASM, by=ADA, compiled=provenance(REQUEST_SEQ)))

    assert decide(state, finishing(), POLICY) == ()
    assert decide(state, FinishCompile(ADA, CLOCK, REQUEST_SEQ, FAILED), POLICY) == ()


def test_m13_a_request_that_has_failed_gets_no_second_outcome() -> None:
    refusal = record_of(CompileEnded("compile_failed", {}, None))
    state = given(REQUEST, ActionRejected({}, refusal, REQUEST_SEQ))

    assert decide(state, finishing(), POLICY) == ()


def test_a_request_that_never_was_gets_no_outcome() -> None:
    assert decide(given(), finishing(), POLICY) == ()


def test_bytes_that_are_already_published_by_the_agent_end_the_request_all_the_same() -> None:
    state = given(REQUEST, deployed(WASM, by=ADA))

    verdict = decide(state, finishing(), POLICY)

    assert verdict == (deployed(WASM, by=ADA, hint=CLOCK, compiled=provenance(REQUEST_SEQ)),)


def test_s37_a_module_with_a_forbidden_feature_is_refused_naming_it() -> None:
    defect = ModuleDefect("feature_not_allowed", {"feature": "simd"})

    verdict = decide(given(REQUEST), finishing(defect=defect), POLICY)

    assert verdict == InvalidWasm("source_files", "feature_not_allowed", {"feature": "simd"})


def test_a_module_without_bytes_is_refused() -> None:
    assert decide(given(REQUEST), finishing(b""), POLICY) == EmptyField("source_files")


def test_a_module_above_the_limit_is_refused() -> None:
    verdict = decide(given(REQUEST), finishing(), Policy(max_wasm_bytes=3))

    assert verdict == LimitExceeded("source_files", "max_wasm_bytes", 3, len(WASM))


def test_the_artifact_is_its_requesters_whoever_reports_it() -> None:
    result = CompileSucceeded(measured(WASM), provenance(REQUEST_SEQ))

    verdict = decide(given(REQUEST), FinishCompile(BOB, BELL, REQUEST_SEQ, result), POLICY)

    assert verdict == (deployed(WASM, by=ADA, hint=CLOCK, compiled=provenance(REQUEST_SEQ)),)
