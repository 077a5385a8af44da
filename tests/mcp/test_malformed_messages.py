"""What is no message of the protocol, and how it is refused: the same over both of its carriers."""

import json
from typing import Any

import pytest
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from tests.mcp.serving import DECIDE, Service
from tests.mcp.test_stdio import INITIALIZE, INITIALIZED, started

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
LIST = '{"jsonrpc": "2.0", "id": 7, "method": "tools/list"}'
CALL = '{{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {}}}'
HOST_WORDS = ("Traceback", "site-packages", "pydantic", "File ")

Case = tuple[str, int, str | None, str]

# What is sent, the protocol's number, the field, and a word of what would be accepted.
NO_MESSAGES: list[Case] = [
    ("{", PARSE_ERROR, None, "strict JSON"),
    ("no message", PARSE_ERROR, None, "strict JSON"),
    ("[" * 100_000, PARSE_ERROR, None, "strict JSON"),
    (CALL.format('{"_meta": ' + "[" * 700 + "]" * 700 + "}"), PARSE_ERROR, None, "strict JSON"),
    ('{"jsonrpc": "2.0", "id": ' + "9" * 5000 + "}", PARSE_ERROR, "the message", "integer"),
    ("[]", INVALID_REQUEST, None, "one message at a time"),
    (f"[{LIST}]", INVALID_REQUEST, None, "one message at a time"),
    (f"[{LIST}, {LIST}]", INVALID_REQUEST, None, "one message at a time"),
    ("7", INVALID_REQUEST, None, "JSON object"),
    ("null", INVALID_REQUEST, None, "JSON object"),
    ('{"id": 7, "method": "tools/list"}', INVALID_REQUEST, "jsonrpc", "jsonrpc"),
    ('{"jsonrpc": "1.0", "id": 7, "method": "ping"}', INVALID_REQUEST, "jsonrpc", "2.0"),
    ('{"jsonrpc": 2.0, "id": 7, "method": "ping"}', INVALID_REQUEST, "jsonrpc", '"2.0"'),
    ('{"jsonrpc": "2.0"}', INVALID_REQUEST, "method", "method"),
    ('{"jsonrpc": "2.0", "id": 7, "method": 7}', INVALID_REQUEST, "method", "string"),
    (
        '{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": []}',
        INVALID_PARAMS,
        "params",
        "object",
    ),
    (
        '{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": true, "result": {}}',
        INVALID_PARAMS,
        "params",
        "object",
    ),
    ('{"jsonrpc": "2.0", "id": 7, "error": 1}', INVALID_REQUEST, None, "reference"),
    (CALL.format('{"name": "\\ud800"}'), INVALID_REQUEST, "params.name", "character"),
    (CALL.format('{"\\udc00": 1}'), INVALID_REQUEST, "params", "character"),
    *[
        (
            f'{{"jsonrpc": "2.0", "id": {sent}, "method": "tools/list"}}',
            INVALID_REQUEST,
            "id",
            "string or integer",
        )
        for sent in ("null", "1.5", "1.0", "{}", "[1]", "true")
    ],
    (
        '{"jsonrpc": "2.0", "id": "\\ud800", "method": "tools/list"}',
        INVALID_REQUEST,
        "id",
        "character",
    ),
]

# Messages that ask for what is not here, or not so.
NOT_SERVED: list[Case] = [
    ('{"jsonrpc": "2.0", "id": 7, "method": "nope"}', METHOD_NOT_FOUND, "method", "tools/call"),
    ('{"jsonrpc": "2.0", "id": 7, "method": "prompts/list"}', METHOD_NOT_FOUND, "method", "ping"),
    (CALL.format("{}"), INVALID_PARAMS, "params.name", "params.name"),
    (CALL.format('{"name": 7}'), INVALID_PARAMS, "params.name", "string"),
    (
        '{"jsonrpc": "2.0", "id": 7, "method": "resources/read", "params": {"uri": 7}}',
        INVALID_PARAMS,
        "params.uri",
        "string",
    ),
]


def assert_told(answer: dict[str, Any], case: Case) -> None:
    """The answer is an error that names the field and what is accepted, and nothing of the host."""
    _, number, field, accepted = case
    error = answer["error"]
    assert answer["jsonrpc"] == "2.0"
    assert (error["code"], error["data"]["field"]) == (number, field)
    assert accepted in error["message"]
    assert accepted in error["data"]["hint"] or accepted in error["message"]
    for word in HOST_WORDS:
        assert word not in json.dumps(answer)


@pytest.mark.parametrize("case", NO_MESSAGES)
def test_what_is_no_message_is_400_and_says_what_would_be_one(service: Service, case: Case) -> None:
    answer = service.send("POST", "/mcp/", case[0], "ada")

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert_told(json.loads(answer.body), case)
    assert str(service.data) not in answer.body


@pytest.mark.parametrize("case", NOT_SERVED)
def test_a_request_for_what_is_not_here_says_what_is(service: Service, case: Case) -> None:
    answer = json.loads(service.send("POST", "/mcp/", case[0], "ada").body)

    assert answer["id"] == 7
    assert_told(answer, case)


@pytest.mark.parametrize("body", ["", " \n"])
def test_an_empty_body_is_no_message(service: Service, body: str) -> None:
    answer = service.send("POST", "/mcp/", body, "ada")

    assert answer.status == 400
    assert json.loads(answer.body)["error"]["code"] == PARSE_ERROR


def test_standard_input_is_answered_in_the_same_words(service: Service) -> None:
    cases = [*NO_MESSAGES, *NOT_SERVED]
    process = started(service)
    assert process.stdin is not None
    assert process.stdout is not None
    answers = []
    with process:
        for message in (INITIALIZE, INITIALIZED, *[case[0] for case in cases]):
            text = message if isinstance(message, str) else json.dumps(message)
            process.stdin.write(text + "\n")
            process.stdin.flush()
            if message is not INITIALIZED:
                answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()

    for case, answer in zip(cases, answers[1:], strict=True):
        assert_told(answer, case)


def test_l19_half_a_surrogate_pair_in_the_arguments_is_refused_by_its_field(
    service: Service,
) -> None:
    arguments = '{"decision": "wait", "message_to_user": "\\ud800"}'
    body = CALL.format(f'{{"name": "{DECIDE}", "arguments": {arguments}}}')
    process = started(service)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        lines = [json.dumps(INITIALIZE), json.dumps(INITIALIZED), body]
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        answers = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()

    for text in (service.send("POST", "/mcp/", body, "ada").body, answers[1]):
        rejection = json.loads(text)["result"]["structuredContent"]["rejection"]
        assert (rejection["code"], rejection["field"]) == ("invalid_utf8", "message_to_user")


@pytest.mark.parametrize("version", ["1999-01-01", "2.0", "", "latest"])
def test_a_version_that_is_not_spoken_is_400_with_those_that_are(
    service: Service, version: str
) -> None:
    answer = service.send("POST", "/mcp/", LIST, "ada", MCP_Protocol_Version=version)

    document = json.loads(answer.body)
    assert (answer.status, document["id"]) == (400, 7)
    assert "MCP-Protocol-Version" in document["error"]["message"]
    assert document["error"]["data"]["supported"] == list(KNOWN_PROTOCOL_VERSIONS)
    assert all(known in document["error"]["message"] for known in KNOWN_PROTOCOL_VERSIONS)


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_version_with_a_handshake_is_spoken(service: Service, version: str) -> None:
    answer = service.send("POST", "/mcp/", LIST, "ada", MCP_Protocol_Version=version)

    assert len(json.loads(answer.body)["result"]["tools"]) == 5


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": ""}, "Content-Type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "Content-Type"),
        ({"Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_a_body_of_another_kind_is_415_as_a_problem(
    service: Service, headers: dict[str, str], field: str
) -> None:
    answer = service.send("POST", "/mcp/", LIST, "ada", **headers)

    document = json.loads(answer.body)
    assert answer.status == document["status"] == 415
    assert (document["code"], document["field"]) == ("unsupported_media_type", field)
    assert document["hint"]


def test_a_notification_is_202_and_has_no_answer(service: Service) -> None:
    answer = service.send("POST", "/mcp/", INITIALIZED, "ada")

    assert (answer.status, answer.body) == (202, "")
