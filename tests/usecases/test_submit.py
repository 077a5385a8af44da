"""Submitting: one decision, one record, its events and its rows, in one transaction."""

import pytest

from lifecycle.core.events import ActionRejected
from lifecycle.journal.store import get_head
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.usecases.errors import ActingForAnotherError
from lifecycle.usecases.verify import verify_world
from tests.service import decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


def test_an_applied_decision_leaves_a_world_that_verifies() -> None:
    found_world()

    deploy("ada", wasm())
    installed = install("ada", wasm(), "clock")

    assert installed.status is DecisionStatus.APPLIED
    assert verify_world("demo").ok


def test_a_refusal_by_the_rules_is_journaled() -> None:
    found_world()

    refused = decide("ada", "move_agent", to="nowhere")

    assert refused.status is DecisionStatus.REJECTED
    [appended] = refused.appended
    assert isinstance(appended.recorded.event, ActionRejected)
    assert appended.recorded.event.rejection.code == "location_not_found"


@pytest.mark.parametrize("owner", ["agent:bob", "agent:nobody", "agent:Ada"])
def test_an_agent_acts_as_itself_and_for_nobody_else(owner: str) -> None:
    found_world()
    deploy("ada", wasm())
    seq = get_head("demo").seq
    decisions = (
        {"decision": "install_module_from_artifact", "installer": owner, "module_id": "clock"},
        {"decision": "deploy_module_artifact", "publisher": owner, "wasm_bytes_hex": wasm().hex()},
    )

    for fields in decisions:
        with pytest.raises(ActingForAnotherError) as caught:
            decide("ada", wasm_hash=hash_of(wasm()), **fields)
        assert caught.value.facts == {"received": owner, "agent_id": "ada"}

    assert get_head("demo").seq == seq
    assert Decision.objects.count() == 1
