"""The form made from a decision's schema: what it asks for, and where it says what is wrong."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.notebook.fields import FORMS
from lifecycle.protocol.schema import MODELS
from lifecycle.usecases.queries.sources import find_package
from tests.notebook.people import GOOD_WAT, browser_of, run_compiles, send_form, text_of
from tests.service import deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

COMPILE = "compile_module_artifact_from_source"
DEPLOY = "deploy_module_artifact"
INSTALL = "install_module_from_artifact"
SCRIPT = "</textarea><script>alert(1)</script>"


@pytest.mark.parametrize("decision", list(MODELS))
def test_a_form_has_each_field_of_the_schema_and_says_what_it_is_for(decision: str) -> None:
    found_world()

    page = text_of(browser_of("eve", Role.OPERATOR).get(f"/worlds/demo/?decision={decision}"))

    fields = MODELS[decision].model_fields.keys() - {"decision"}
    assert {field.name for field in FORMS[decision].fields} == fields
    for name in fields:
        assert f'id="field-{name}"' in page
        assert f'id="hint-{name}"' in page


def test_a_form_submits_what_was_typed_and_nothing_of_it_was_repaired() -> None:
    found_world()

    answer = send_form(
        browser_of("eve", Role.OPERATOR), "wait_ticks", ticks=" 3 ", message_to_user="a\r\nb"
    )

    assert answer.status_code == 303
    record = Decision.objects.get()
    assert json.loads(record.arguments) == {
        "decision": "wait_ticks",
        "ticks": 3,
        "message_to_user": "a\nb",
    }
    assert (record.repairs, record.raw_reply) == ("[]", None)


def test_files_keep_their_text_and_blank_ones_are_left_out() -> None:
    found_world()

    answer = send_form(
        browser_of("eve", Role.OPERATOR),
        COMPILE,
        module_id="clock",
        manifest_path="clock.wat",
        files=[("clock.wat", GOOD_WAT.replace(" ", "\r\n")), ("notes", "a\r\nb\r\n"), ("", "")],
    )

    assert answer.status_code == 303
    package = find_package(CompileJob.objects.get().source_digest)
    assert package is not None
    assert package.files == {"clock.wat": GOOD_WAT.replace(" ", "\n"), "notes": "a\nb\n"}
    assert run_compiles() == ["succeeded"]


def test_two_files_of_one_path_are_refused_and_both_are_kept() -> None:
    found_world()
    files = [("a.wat", "(module)"), ("a.wat", "(module (memory 1))")]

    answer = send_form(
        browser_of("eve", Role.OPERATOR), COMPILE, module_id="m", manifest_path="a.wat", files=files
    )

    assert answer.status_code == 400
    assert answer.context["answer"].rejection["code"] == "duplicate_key"
    assert answer.context["composed"].files == tuple(files)


@pytest.mark.parametrize(
    ("decision", "fields", "at_fault"),
    [
        ("wait_ticks", {"ticks": "ten"}, ["ticks"]),
        ("wait_ticks", {"ticks": "9" * 5000}, ["ticks"]),
        ("wait_ticks", {"ticks": "0"}, ["ticks"]),
        ("move_agent", {"to": "nowhere"}, ["to"]),
        ("move_agent", {"to": "<script>"}, ["to"]),
        (INSTALL, {"module_id": "  "}, ["module_id", "wasm_hash"]),
        (INSTALL, {"module_id": "m", "wasm_hash": "xyz"}, ["wasm_hash"]),
        (INSTALL, {"module_id": "m", "wasm_hash": "0" * 64, "activate": "maybe"}, ["activate"]),
        (DEPLOY, {"wasm_hash": "0" * 64, "wasm_bytes_hex": "0"}, ["wasm_bytes_hex"]),
        (COMPILE, {"module_id": "m", "manifest_path": "m.wat"}, ["source_files"]),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    decision: str, fields: dict[str, Any], at_fault: list[str]
) -> None:
    found_world()

    answer = send_form(browser_of("eve", Role.OPERATOR), decision, **fields)

    page = text_of(answer)
    assert answer.status_code in {400, 422}
    assert [field.name for field in answer.context["faulty"]] == at_fault
    for name in at_fault:
        assert f'aria-describedby="fault-{name} hint-{name}"' in page
        assert f'id="fault-{name}"' in page
        assert f'href="#field-{name}"' in page
    assert page.count('aria-invalid="true"') == len(set(at_fault) - {"source_files"})
    assert dict(answer.context["composed"].fields) == fields


def test_a_fault_in_an_optional_field_is_not_hidden() -> None:
    found_world()

    answer = send_form(browser_of("eve", Role.OPERATOR), "wait", ticks="0")

    assert '<details class="more" open>' in text_of(answer)


def test_a_dry_run_of_a_form_records_nothing_and_keeps_it() -> None:
    found_world()

    answer = send_form(browser_of("eve", Role.OPERATOR), "wait_ticks", ticks="2", dry_run="1")

    assert "Nothing was recorded" in text_of(answer)
    assert answer.context["composed"].fields == {"ticks": "2"}
    assert not Decision.objects.exists()


def test_a_form_shown_as_json_and_back_is_the_same() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    files = [("a/b.c", 'int f(void) { return "\\"; }\n'), ("ü.h", "")]

    as_json = send_form(
        client, COMPILE, module_id="m", publisher="agent:bob", files=files, show="json"
    ).context["composed"]
    back = client.post(
        "/worlds/demo/",
        {"mode": "json", "decision": as_json.text, "agent_id": "ada", "show": "form"},
    ).context["composed"]

    assert json.loads(as_json.text) == {
        "decision": COMPILE,
        "module_id": "m",
        "publisher": "agent:bob",
        "source_files": dict(files),
    }
    assert (back.decision, back.as_json) == (COMPILE, False)
    assert back.fields == {"module_id": "m", "publisher": "agent:bob"}
    assert back.files == tuple(files)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"decision": "fly"}',
        '{"decision": "wait", "speed": 3}',
        '{"decision": "wait", "ticks": [1]}',
        '{"decision": "wait", "ticks": 1, "ticks": 2}',
        '{"decision": "wait", "message_to_user": "\\ud800"}',
        '{"decision": "wait", "ticks": NaN}',
        "[" * 5000,
    ],
)
def test_a_text_that_fits_no_form_stays_json_as_it_was_typed(text: str) -> None:
    found_world()
    form = {"mode": "json", "decision": text, "agent_id": "ada", "show": "form"}

    answer = browser_of("eve", Role.OPERATOR).post("/worlds/demo/", form)

    assert answer.status_code == 200
    assert answer.context["composed"].text == text
    assert "This text stays JSON" in text_of(answer)


def test_an_unfinished_json_becomes_a_form_too() -> None:
    found_world()
    text = '{"decision": "move_agent", "agent_id": "bob"}'
    form = {"mode": "json", "decision": text, "agent_id": "ada", "show": "form"}

    composed = browser_of("eve", Role.OPERATOR).post("/worlds/demo/", form).context["composed"]

    assert (composed.decision, composed.agent_id) == ("move_agent", "bob")


def test_another_decision_s_form_keeps_what_was_typed_into_the_first() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    files = [("a.c", "int f;\n")]

    install = send_form(
        client, COMPILE, module_id="m", manifest_path="a.c", files=files, show=INSTALL
    )

    assert install.context["form"].name == INSTALL
    kept = re.findall(
        r'<input type="hidden" name="field\.(\w+)" value="([^"]*)">', text_of(install)
    )
    assert kept == [("manifest_path", "a.c")]
    assert install.context["composed"].files == tuple(files)
    assert 'name="path" value="a.c"' in text_of(install)


def test_an_uploaded_module_fills_in_its_bytes_and_its_hash() -> None:
    found_world()
    upload = SimpleUploadedFile("clock.wasm", wasm())

    answer = send_form(browser_of("eve", Role.OPERATOR), DEPLOY, wasm_file=upload)

    assert answer.status_code == 303
    assert json.loads(Decision.objects.get().arguments)["wasm_hash"] == hash_of(wasm())


def test_the_agent_chosen_last_is_chosen_again() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    send_form(client, "wait", agent="bob")

    assert client.get("/worlds/demo/").context["composed"].agent_id == "bob"


def test_a_form_suggests_what_the_world_knows() -> None:
    found_world()
    deploy("ada", wasm())
    client = browser_of("eve", Role.OPERATOR)

    assert '<option value="hub">' in text_of(client.get("/worlds/demo/?decision=move_agent"))
    install = text_of(client.get(f"/worlds/demo/?decision={INSTALL}"))
    assert f'<option value="{hash_of(wasm())}">' in install


def test_only_the_composer_is_sent_to_its_own_script() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    refused = send_form(client, "move_agent", to="nowhere", htmx=True)
    taken = send_form(client, "wait", htmx=True)

    assert (refused.status_code, taken.status_code) == (422, 200)
    for answer in (refused, taken):
        assert text_of(answer).strip().startswith("<section")
    assert "Done as event" in text_of(taken)
    assert taken.context["composed"].is_blank


def test_a21_hostile_texts_in_a_form_are_text() -> None:
    found_world()

    answer = send_form(
        browser_of("eve", Role.OPERATOR),
        COMPILE,
        agent=SCRIPT,
        module_id=f'"{SCRIPT}',
        manifest_path=SCRIPT,
        message_to_user=SCRIPT,
        files=[(SCRIPT, SCRIPT)],
    )

    assert answer.status_code == 400
    assert "<script>alert" not in text_of(answer)
    assert answer.context["composed"].files == ((SCRIPT, SCRIPT),)


@pytest.mark.parametrize(
    "name", ["wat", "zig", "c", pytest.param("rust", marks=pytest.mark.needs_rust), "wait"]
)
def test_each_example_submits_and_compiles_as_it_stands(name: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    composed = client.get(f"/worlds/demo/?example={name}").context["composed"]

    answer = send_form(client, composed.decision, files=composed.files, **composed.fields)

    assert answer.status_code == 303
    assert set(run_compiles()) <= {"succeeded"}
