"""Submitting: one decision, one record, its events and its rows, in one transaction."""

import pytest

from lifecycle.core.events import ActionRejected
from lifecycle.models.decisions import DecisionStatus
from lifecycle.usecases.verify import verify_world
from tests.service import decide, deploy, found_world, install, wasm

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
