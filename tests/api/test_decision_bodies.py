"""Tricky bodies at the door, by the numbers of the cases: what is taken, what is refused, how."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from lifecycle.models.decisions import Decision
from lifecycle.protocol.names import TOOL_NAMES
from tests.api.speaking import Api
from tests.service import hash_of, wasm

pytestmark = pytest.mark.django_db
WASM = wasm()
HASH = hash_of(WASM)


def deploying(**changes: Any) -> str:  # noqa: ANN401 - any JSON
    """Write a deploy decision with changed fields."""
    fields = {
        "decision": "deploy_module_artifact",
        "wasm_hash": HASH,
        "wasm_bytes_hex": WASM.hex(),
    }
    return json.dumps({**fields, **changes})


def refused(api: Api, body: str | bytes, code: str, media_type: str = "application/json") -> Any:  # noqa: ANN401 - any JSON
    """Expect a parse fault that leaves nothing in the journal; give the problem."""
    head = api.get().json["head_seq"]
    answer = api.say(body, media_type)
    assert (answer.status, answer.code) == (400, code), answer.json
    assert api.get().json["head_seq"] == head
    assert answer.json["decision"]["status"] == "malformed"
    return answer.json


def test_l01_one_decision_in_prose_with_a_stray_brace_is_taken(ada: Api) -> None:
    answer = ada.say('I will use {this.\n```json\n{"decision": "wait"}\n```', "text/plain")

    assert answer.status == 201
    assert any(repair.startswith("found_in_text") for repair in answer.json["repairs"])
    assert Decision.objects.get().raw_reply.startswith("I will use {this.")  # type: ignore[union-attr] # it is kept


def test_l01_two_different_decisions_in_prose_run_nothing(ada: Api) -> None:
    reply = 'First {"decision": "wait"} or {"decision": "wait_ticks", "ticks": 9}'

    refused(ada, reply, "ambiguous_decision", "text/plain")


def test_l03_thinking_before_a_fence_is_left_out(ada: Api) -> None:
    reply = '<think>move?\n{"decision": "move_agent"}</think>\n```json\n{"decision": "wait"}\n```'

    assert ada.say(reply, "text/plain").status == 201


def test_l05_a_comma_before_the_brace_is_repaired_and_the_repair_is_on_the_record(ada: Api) -> None:
    answer = ada.say('{"decision": "wait_ticks", "ticks": 2,}')

    assert answer.status == 201
    assert [repair.partition(":")[0] for repair in answer.json["repairs"]] == ["trailing_comma"]
    assert ada.get(f"decisions/{answer.json['id']}/").json == answer.json


@pytest.mark.parametrize(
    ("body", "received"),
    [("[]", "list"), ("7", "integer"), ("null", "null"), ('"hello"', "string")],
)
def test_l07_what_is_no_object_is_refused_by_its_type(ada: Api, body: str, received: str) -> None:
    problem = refused(ada, body, "not_an_object")

    assert problem["facts"]["received_type"] == received


def test_l09_null_counts_as_absent(ada: Api) -> None:
    assert ada.say(deploying(module_id=None, message_to_user=None)).status == 201
    assert refused(ada, deploying(wasm_hash=None), "missing_field")["field"] == "wasm_hash"


def test_l11_blank_optional_text_counts_as_absent_and_blank_required_text_is_refused(
    ada: Api,
) -> None:
    assert ada.say(deploying(module_id=" ", publisher="")).status == 201
    assert refused(ada, deploying(wasm_hash=" "), "empty_field")["field"] == "wasm_hash"


@pytest.mark.parametrize("ticks", ["0x10", "1e3", "1.5", '"1,000"', '"10abc"', '"1 0"', "1.0"])
def test_l13_an_odd_integer_is_refused(ada: Api, ticks: str) -> None:
    head = ada.get().json["head_seq"]
    answer = ada.say(f'{{"decision": "wait_ticks", "ticks": {ticks}}}')

    assert answer.status == 400
    assert ada.get().json["head_seq"] == head


@pytest.mark.parametrize("ticks", ["9007199254740993", '"9007199254740993"', "1234567890123456789"])
def test_l15_a_large_integer_is_exact_or_refused(ada: Api, ticks: str) -> None:
    problem = refused(ada, f'{{"decision": "wait_ticks", "ticks": {ticks}}}', "out_of_range")

    assert "9007199254740992" not in json.dumps(problem)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_l17_what_is_no_json_number_is_refused(ada: Api, number: str) -> None:
    answer = ada.say(f'{{"decision": "wait_ticks", "ticks": {number}}}')

    assert answer.status == 400
    assert answer.code in {"malformed_json", "invalid_number"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"decision": "wait", "message_to_user": "\\ud800"}',
        b'{"decision": "wait", "message_to_user": "\xff\xfe"}',
    ],
)
def test_l19_what_is_no_unicode_is_refused_without_an_echo(ada: Api, body: bytes) -> None:
    problem = refused(ada, body, "invalid_utf8")

    assert "\\ud800" not in json.dumps(problem["facts"])


@pytest.mark.parametrize(
    "name", ["agent.submit.decision", "functions.agent_submit_decision", "AgentSubmitDecision"]
)
def test_l21_l23_a_known_spelling_of_the_tool_is_taken(ada: Api, name: str) -> None:
    call = {"name": name, "arguments": {"decision": "wait"}}

    answer = ada.say(json.dumps(call))

    assert answer.status == 201
    assert any(repair.startswith("tool_alias") for repair in answer.json["repairs"])


def test_l23_another_tool_is_refused_with_the_names_of_those_there_are(ada: Api) -> None:
    problem = refused(ada, '{"name": "submit", "arguments": {}}', "unknown_tool")

    assert problem["facts"]["tools"] == list(TOOL_NAMES)


def test_l27_fewer_files_than_declared_are_refused_as_truncated(ada: Api) -> None:
    body = {
        "decision": "compile_module_artifact_from_source",
        "module_id": "clock",
        "manifest_path": "a.wat",
        "source_files": {"a.wat": "(module)"},
        "source_file_count": 2,
    }

    assert refused(ada, json.dumps(body), "truncated")["field"] == "source_file_count"


def test_l29_a_malformed_body_reads_back_as_valid_json(ada: Api) -> None:
    problem = refused(ada, '{"decision": "wait", "ticks": [1, ', "truncated")

    listed = ada.get("decisions/?status=malformed").json["decisions"]
    assert [decision["id"] for decision in listed] == [problem["decision"]["id"]]
    assert listed[0]["decision"] == {}


def test_l31_arguments_below_an_odd_key_are_refused_with_what_is_unknown_and_missing(
    ada: Api,
) -> None:
    problem = refused(ada, '{"payload": {"decision": "wait"}}', "unknown_field")

    assert problem["facts"]["unknown"] == ["payload"]
    assert problem["facts"]["missing"] == ["decision"]


@pytest.mark.parametrize(
    "spelling",
    [HASH.upper(), f" {HASH}\n", f"sha256:{HASH}", f"0x{HASH}", f"SHA256:0X{HASH.upper()}"],
)
def test_h01_h03_h05_every_spelling_of_a_hash_is_stored_as_one(ada: Api, spelling: str) -> None:
    answer = ada.say(deploying(wasm_hash=spelling, wasm_bytes_hex=f" 0X{WASM.hex().upper()} "))

    assert answer.status == 201
    assert answer.json["events"][0]["payload"]["wasm_hash"] == HASH
    assert answer.json["decision"]["wasm_hash"] == HASH


@pytest.mark.parametrize(
    "spelling",
    [
        f"{HASH[:10]} {HASH[10:]}",
        f"sha512:{HASH}",
        "k6RLu5bHUSGOTADUeeTBQ1giEqOJrMoWIFseTQ3F+HY=",
        "ab",
    ],
)
def test_h03_h05_h07_what_is_no_sha256_is_refused(ada: Api, spelling: str) -> None:
    assert refused(ada, deploying(wasm_hash=spelling), "invalid_hash")["field"] == "wasm_hash"


def test_h07_bytes_in_base64_are_refused(ada: Api) -> None:
    problem = refused(ada, deploying(wasm_bytes_hex="AGFzbQEAAAA="), "invalid_hex")

    assert problem["field"] == "wasm_bytes_hex"


def test_h09_one_module_in_two_spellings_is_one_artifact(ada: Api) -> None:
    ada.say(deploying())

    again = ada.say(deploying(wasm_hash=f"sha256:{HASH.upper()}"))

    assert (again.status, again.json["status"]) == (200, "unchanged")
    assert ada.get("module-lifecycle-status/").json["artifacts_total"] == 1


def test_several_calls_in_one_turn_run_nothing_and_are_counted(ada: Api) -> None:
    call = {"function": {"name": "agent_submit_decision", "arguments": '{"decision": "wait"}'}}

    problem = refused(ada, json.dumps({"tool_calls": [call, call]}), "too_many_decisions")

    assert problem["facts"]["seen"] == 2


def test_a_double_encoded_decision_is_read(ada: Api) -> None:
    assert ada.say(json.dumps('{"decision": "wait"}')).status == 201


def test_a_key_given_twice_is_refused(ada: Api) -> None:
    refused(ada, '{"decision": "wait_ticks", "ticks": 1, "ticks": 2}', "duplicate_key")


def test_deep_nesting_is_refused_and_does_no_harm(ada: Api) -> None:
    refused(ada, '{"decision": ' + "[" * 100_000, "too_deep")
    assert ada.decide("wait").status == 201


@pytest.mark.parametrize("body", [b" \n", b"\xef\xbb\xbf", b"\0"])
def test_an_empty_body_is_refused(ada: Api, body: bytes) -> None:
    answer = ada.say(body)

    assert answer.status == 400
    assert ada.get().json["tick"] == 0


@pytest.mark.parametrize(
    "media_type",
    [
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "text/html",
    ],
)
def test_another_media_type_is_415(ada: Api, media_type: str) -> None:
    answer = ada.say('{"decision": "wait"}', media_type)

    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert ada.get().json["tick"] == 0


def test_a_media_type_with_its_charset_is_taken(ada: Api) -> None:
    answer = ada.say(
        '{"decision": "wait", "message_to_user": "é"}', "application/json; charset=UTF-8"
    )

    assert answer.status == 201
    assert answer.json["decision"]["message_to_user"] == "é"


def test_s11_a_compressed_body_is_415(ada: Api) -> None:
    answer = ada.send(
        "POST", "/api/v1/worlds/demo/decisions/", b"\x1f\x8b", Content_Encoding="gzip"
    )

    assert (answer.status, answer.json["field"]) == (415, "Content-Encoding")


def test_a_body_past_the_limit_is_413(ada: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = ada.say(b'{"decision": "wait", "message_to_user": "' + b"x" * 1000 + b'"}')

    assert (answer.status, answer.code) == (413, "body_too_large")
    assert answer.json["facts"] == {"maximum": 1000}
    assert not Decision.objects.exists()
