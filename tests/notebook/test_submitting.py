"""The form of a world: a decision goes in once, a refusal keeps the text, a dry run leaves none."""

import json

import pytest

from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.notebook.examples import EXAMPLES
from lifecycle.protocol.parser import Parsed, parse_decision
from lifecycle.usecases.timetravel import state_at
from tests.notebook.people import GOOD_WAT, browser_of, send, send_decision, text_of
from tests.service import deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db


def head_seq() -> int:
    return state_at("demo").head_seq


def test_a_decision_is_recorded_with_account_agent_and_channel() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    answer = send_decision(client, "wait_ticks", ticks=3)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/worlds/demo/")
    record = Decision.objects.get()
    assert (record.account, record.agent_id, record.channel) == ("eve", "ada", "notebook")
    assert "Done as event 5: wait 3 ticks." in text_of(client.get("/worlds/demo/"))


def test_e01_a_double_click_is_one_event() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    text = json.dumps({"decision": "wait_ticks", "ticks": 3})

    answers = [send(client, text, key="one") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert head_seq() == 5


def test_a_key_that_comes_with_another_text_is_refused_and_the_text_kept() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    send(client, '{"decision": "wait"}', key="one")

    answer = send(client, '{"decision": "wait_ticks", "ticks": 2}', key="one")

    assert answer.status_code == 409
    assert answer.context["composed"].text == '{"decision": "wait_ticks", "ticks": 2}'
    assert answer.context["key"] != "one"


def test_a_refusal_keeps_the_text_and_says_why_and_what_to_do() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    text = json.dumps({"decision": "move_agent", "to": "nowhere"})

    answer = send(client, text, agent="bob")

    assert answer.status_code == 422
    composed = answer.context["composed"]
    assert (composed.text, composed.agent_id) == (text, "bob")
    page = text_of(answer)
    assert "location_not_found" in page
    assert answer.context["answer"].rejection["hint"]
    assert '<option selected="">bob' in page or "<option selected>bob" in page


def test_a_refused_text_mended_is_taken_with_the_key_of_the_new_form() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    refused = send(client, json.dumps({"decision": "move_agent", "to": "nowhere"}), key="one")

    mended = send(client, '{"decision": "wait"}', key=refused.context["key"])

    assert mended.status_code == 303


def test_a_text_that_is_no_decision_is_kept_with_its_fault_and_not_journaled() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    answer = send(client, '{"decision": "wait_ticks", ')

    assert answer.status_code == 400
    assert answer.context["composed"].text == '{"decision": "wait_ticks", '
    assert Decision.objects.get().status == "malformed"
    assert head_seq() == 4


@pytest.mark.parametrize(
    "text", ['{"decision": "wait"}', '{"decision": "move_agent", "to": "x"}', "{"]
)
def test_a_dry_run_says_what_would_be_and_records_nothing(text: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    answer = send(client, text, dry_run="1")

    assert answer.context["answer"].dry
    assert "othing was recorded" in text_of(answer)
    assert answer.context["composed"].text == text
    assert (Decision.objects.count(), head_seq()) == (0, 4)


def test_a_compile_is_queued() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    send_decision(
        client,
        "compile_module_artifact_from_source",
        module_id="clock",
        manifest_path="clock.wat",
        source_files={"clock.wat": GOOD_WAT},
    )

    assert CompileJob.objects.get().state == "queued"
    assert "Next in the queue" in text_of(client.get("/worlds/demo/"))


def test_what_changes_nothing_is_said_to() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    deploy("ada", wasm())

    send_decision(
        client,
        "deploy_module_artifact",
        wasm_hash=hash_of(wasm()),
        wasm_bytes_hex=wasm().hex(),
    )

    assert "Nothing to change" in text_of(client.get("/worlds/demo/"))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_only_look_has_no_form_and_cannot_submit(role: Role) -> None:
    found_world()
    client = browser_of("eve", role)

    assert 'id="composer"' not in text_of(client.get("/worlds/demo/"))
    assert send_decision(client, "wait").status_code == 403
    assert Decision.objects.count() == 0


def test_a_text_that_names_another_agent_than_the_form_is_refused() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    named = send(client, '{"decision": "wait", "agent_id": "bob"}')
    published = send_decision(
        client,
        "install_module_from_artifact",
        installer="agent:bob",
        module_id="m",
        wasm_hash="0" * 64,
    )

    assert (named.status_code, published.status_code) == (403, 403)
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("agent", ["", "../etc", "<script>", "a" * 200])
def test_an_agent_that_cannot_be_one_is_refused(agent: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    answer = send(client, '{"decision": "wait"}', agent=agent)

    assert answer.status_code == 400
    assert answer.context["answer"].rejection["code"] == "invalid_id"


def test_an_unknown_agent_is_refused_by_the_rules() -> None:
    found_world()

    answer = send(browser_of("eve", Role.OPERATOR), '{"decision": "wait"}', agent="nobody")

    assert answer.status_code == 422
    assert answer.context["answer"].rejection["code"] == "agent_not_found"


def test_a_form_without_a_key_is_refused() -> None:
    found_world()

    answer = send(browser_of("eve", Role.OPERATOR), '{"decision": "wait"}', key="")

    assert answer.status_code == 400
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("name", [example.name for example in EXAMPLES])
def test_each_example_is_a_decision_as_it_stands(name: str) -> None:
    found_world()
    deploy("ada", wasm())

    page = browser_of("eve", Role.OPERATOR).get("/worlds/demo/", {"example": name})

    body = page.context["composed"].body
    assert isinstance(parse_decision(body.encode()), Parsed)


def test_the_example_of_an_install_names_the_newest_artifact() -> None:
    found_world()
    deploy("ada", wasm(1))
    deploy("ada", wasm(2), module_id="lamp")

    page = browser_of("eve", Role.OPERATOR).get("/worlds/demo/", {"example": "install"})

    decision = json.loads(page.context["composed"].body)
    assert (decision["module_id"], decision["wasm_hash"]) == ("lamp", hash_of(wasm(2)))
