"""An earlier decision as a new cell: what it asked stands in the composer for another try."""

import json

import pytest

from lifecycle.models.decisions import Decision
from lifecycle.models.worlds import Role
from tests.notebook.people import GOOD_WAT, browser_of, send, text_of
from tests.service import compile_source, decide, deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

WORLD = "/worlds/demo/"


def test_a_compile_comes_back_with_its_sources_as_they_were() -> None:
    found_world()
    files = {"clock.wat": GOOD_WAT + "\r\n", "notes.md": "a\n"}
    sent = compile_source("bob", "clock", "clock.wat", files)

    composed = (
        browser_of("eve", Role.OPERATOR)
        .get(WORLD, {"from": sent.decision_id or ""})
        .context["composed"]
    )

    assert (composed.agent_id, dict(composed.files)) == ("bob", files)
    assert composed.fields == {"module_id": "clock", "manifest_path": "clock.wat"}


def test_a_deploy_comes_back_with_its_bytes() -> None:
    found_world()
    sent = deploy("ada", wasm(), module_id="clock")

    composed = (
        browser_of("eve", Role.OPERATOR)
        .get(WORLD, {"from": sent.decision_id or ""})
        .context["composed"]
    )

    assert composed.fields == {
        "wasm_hash": hash_of(wasm()),
        "wasm_bytes_hex": wasm().hex(),
        "module_id": "clock",
    }


def test_a_refused_deploy_says_that_its_bytes_must_be_chosen_again() -> None:
    found_world()
    sent = decide("ada", "deploy_module_artifact", wasm_hash="0" * 64, wasm_bytes_hex=wasm().hex())

    page = browser_of("eve", Role.OPERATOR).get(WORLD, {"from": sent.decision_id or ""})

    assert page.context["composed"].fields == {"wasm_hash": "0" * 64}
    assert "choose the module" in text_of(page)


def test_a_refused_move_comes_back_to_be_mended() -> None:
    found_world()
    sent = decide("ada", "move_agent", to="nowhere", message_to_user="off")

    composed = (
        browser_of("eve", Role.OPERATOR)
        .get(WORLD, {"from": sent.decision_id or ""})
        .context["composed"]
    )

    assert composed.decision == "move_agent"
    assert composed.fields == {"to": "nowhere", "message_to_user": "off"}


def test_what_was_no_decision_comes_back_as_the_text_that_it_was() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    send(client, '{"decision": "wait", "ticks": ')

    page = client.get(WORLD, {"from": Decision.objects.get().decision_id})

    composed = page.context["composed"]
    assert composed.as_json
    assert composed.text == '{"decision": "wait", "ticks": '


def test_another_world_s_decision_is_not_there() -> None:
    found_world()
    found_world("theirs")
    theirs = decide("ada", "wait", world="theirs")
    client = browser_of("eve", Role.OPERATOR)

    for decision_id in (theirs.decision_id or "", "none", "\0"):
        assert client.get(WORLD, {"from": decision_id}).status_code == 404


def test_a_repeated_decision_submits_as_the_first_did() -> None:
    found_world()
    first = decide("ada", "wait_ticks", ticks=7)
    client = browser_of("eve", Role.OPERATOR)
    composed = client.get(WORLD, {"from": first.decision_id or ""}).context["composed"]

    send(client, composed.body)

    records = [json.loads(row.arguments) for row in Decision.objects.order_by("id")]
    assert records[0] == records[1]
