"""An earlier decision as a new cell: what it asked stands in the composer for another try."""

import json
import re
from html import unescape

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


def test_an_address_may_fill_in_the_form_that_it_names() -> None:
    found_world()
    query = {"decision": "install_module_from_artifact", "agent_id": "bob", "module_id": "lamp"}

    composed = (
        browser_of("eve", Role.OPERATOR)
        .get(WORLD, {**query, "wasm_hash": "<b>", "ticks": "3", "source_files": "{}"})
        .context["composed"]
    )

    assert (composed.agent_id, composed.decision) == ("bob", "install_module_from_artifact")
    assert composed.fields == {"module_id": "lamp", "wasm_hash": "<b>"}
    assert composed.files == ()


def test_a_cell_and_an_artifacts_page_lead_to_its_install_by_its_owner() -> None:
    found_world()
    deploy("bob", wasm(), module_id="lamp")
    client = browser_of("eve", Role.OPERATOR)
    artifact = f"/worlds/demo/artifacts/{hash_of(wasm())}/"

    for page in (WORLD, artifact):
        text = text_of(client.get(page))
        [address] = set(re.findall(r'href="([^"]*wasm_hash=[^"]*)"', text))
        composed = client.get(unescape(address).partition("#")[0]).context["composed"]
        assert (composed.agent_id, composed.decision) == ("bob", "install_module_from_artifact")
        assert composed.fields == {"module_id": "lamp", "wasm_hash": hash_of(wasm())}
    for page in (WORLD, artifact):
        assert "wasm_hash=" not in text_of(browser_of(f"vera{len(page)}", Role.VIEWER).get(page))


def test_the_example_of_an_install_takes_what_the_agent_may_install() -> None:
    found_world()
    deploy("ada", wasm(1), module_id="own")
    deploy("bob", wasm(2), module_id="other")
    client = browser_of("eve", Role.OPERATOR)

    def hash_for(agent: str) -> str:
        page = client.get(WORLD, {"example": "install", "agent_id": agent})
        text: str = page.context["composed"].fields["wasm_hash"]
        return text

    assert (hash_for("ada"), hash_for("bob")) == (hash_of(wasm(1)), hash_of(wasm(2)))
    assert hash_for("carol") == hash_of(wasm(2))
