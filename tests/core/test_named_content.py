"""An event names the bulk content that it stands for, and nothing else."""

from lifecycle.core.events import ActionRejected, ModuleCompileRequested, RejectionRecord
from lifecycle.core.named_content import content_named_by
from lifecycle.core.values import JsonObject
from tests.core.builders import (
    ADA,
    FOUNDING,
    OTHER_WASM,
    WASM,
    compile_requested,
    deployed,
    hash_of,
)


def refused(facts: JsonObject) -> ActionRejected:
    return ActionRejected({"kind": "x"}, RejectionRecord("compile_failed", None, facts), None)


def test_a_deploy_names_its_bytes_and_a_compile_its_sources() -> None:
    requested = compile_requested(by=ADA)
    assert isinstance(requested, ModuleCompileRequested)

    assert content_named_by(deployed(WASM, by=ADA)) == (hash_of(WASM),)
    assert content_named_by(deployed(OTHER_WASM, by=ADA)) == (hash_of(OTHER_WASM),)
    assert content_named_by(requested) == (requested.source_digest,)


def test_a_refusal_names_the_diagnostics_of_a_compile_where_there_are_any() -> None:
    assert content_named_by(refused({"diagnostics_digest": "7" * 64})) == ("7" * 64,)
    assert content_named_by(refused({})) == ()
    assert content_named_by(refused({"diagnostics_digest": 7})) == ()


def test_no_other_event_names_any() -> None:
    assert [content_named_by(event) for event in FOUNDING] == [()] * len(FOUNDING)
