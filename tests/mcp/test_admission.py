"""Who is let in at `/mcp/`, and what is said to who is not."""

import json
import socket
from http.client import HTTPConnection
from typing import Any

import pytest
from mcp import Client, MCPError

from tests.mcp.serving import DECIDE, LIMIT, Raw, Service, document_of
from tests.programs import manage

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
REFUSAL = {"type", "title", "status", "detail", "code", "field", "hint", "facts"}


def assert_refused(answer: Raw, status: int, code: str) -> None:
    """The answer says what is wrong and what would be right, and nothing else."""
    document = json.loads(answer.body)
    assert answer.status == document["status"] == status
    assert document["code"] == code
    assert document["hint"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(document) == REFUSAL


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wst_wrong", "Basic wst_wrong", "Bearer " + "w" * 5000, "Bearer é"],
)
def test_without_an_agents_token_the_answer_is_401_and_nothing_else(
    service: Service, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = service.send("POST", "/mcp/", LIST, **headers)

    assert_refused(answer, 401, "authentication_failed")
    assert answer.headers["www-authenticate"] == 'Bearer realm="worldsim"'


def test_a_revoked_token_ends_with_the_next_request(service: Service) -> None:
    assert service.send("POST", "/mcp/", LIST, "bob").status == 200

    replaced = manage(service.data, "replace_token", "demo", "bob")
    answer = service.send("POST", "/mcp/", LIST, "bob")
    service.tokens["bob"] = replaced.stdout.strip()

    assert_refused(answer, 401, "authentication_failed")
    assert service.send("POST", "/mcp/", LIST, "bob").status == 200


def test_an_agents_own_client_is_told_of_a_wrong_token(service: Service) -> None:
    service.tokens["stranger"] = "wst_stranger"

    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        service.speak("stranger", lambda client: client.list_tools())


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 400, "bad_request"),
        ({"Host": "localhost.evil.example:80"}, 400, "bad_request"),
        ({"Origin": "http://evil.example"}, 403, "permission_denied"),
        ({"Origin": "null"}, 403, "permission_denied"),
        ({"Origin": "http://[::1"}, 403, "permission_denied"),
        ({"Origin": "file://localhost"}, 403, "permission_denied"),
    ],
)
def test_a_foreign_host_or_page_is_refused_even_with_a_token(
    service: Service, headers: dict[str, str], status: int, code: str
) -> None:
    assert_refused(service.send("POST", "/mcp/", LIST, "ada", **headers), status, code)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8000"])
def test_the_hosts_of_the_settings_are_served_from_their_own_pages(
    service: Service, host: str
) -> None:
    answer = service.send("POST", "/mcp/", LIST, "ada", Host=host, Origin=f"http://{host}")

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_both_spellings_of_the_address_answer_without_a_redirect(
    service: Service, path: str
) -> None:
    answer = service.send("POST", path, LIST, "ada")

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert len(json.loads(answer.body)["result"]["tools"]) == 5


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_stream_and_no_session(service: Service, method: str) -> None:
    answer = service.send(method, "/mcp/", None, "ada")

    assert_refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_nothing_below_the_address_is_served(service: Service) -> None:
    assert service.send("POST", "/mcp/more", LIST, "ada").status == 404


def test_a_longer_body_than_the_service_takes_is_413_and_does_nothing(service: Service) -> None:
    before = service.ask("ada", "resources/read", uri="worldsim://demo/events")
    arguments = {"decision": "wait", "message_to_user": "x" * LIMIT}

    answer = service.send(
        "POST",
        "/mcp/",
        {**LIST, "method": "tools/call", "params": {"name": DECIDE, "arguments": arguments}},
        "ada",
    )

    assert_refused(answer, 413, "body_too_large")
    assert json.loads(answer.body)["facts"] == {"maximum": LIMIT}
    assert service.ask("ada", "resources/read", uri="worldsim://demo/events") == before


def test_a_body_without_a_declared_length_is_read_no_further_than_the_limit(
    service: Service,
) -> None:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=20)
    headers = {
        "Authorization": f"Bearer {service.tokens['ada']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    try:
        connection.request("POST", "/mcp/", iter([b" " * 50_000] * 8), headers)
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_strangers_who_never_end_their_bodies_keep_no_agent_waiting(service: Service) -> None:
    head = (
        "POST /mcp/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        "Content-Type: application/json\r\n\r\n{"
    )
    wires = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(30)]
    try:
        for wire in wires:
            wire.sendall(head.encode())

        assert service.send("POST", "/mcp/", LIST, "ada").status == 200
    finally:
        for wire in wires:
            wire.close()


def test_a_decision_under_a_key_is_done_once(service: Service) -> None:
    async def twice(client: Client) -> list[str]:
        ids = []
        for _ in range(2):
            meta: Any = {"worldsim/idempotency_key": "once"}
            result = await client.call_tool(DECIDE, {"decision": "wait"}, meta=meta)
            ids.append(document_of(result)["id"])
        return ids

    first, second = service.speak("ada", twice)

    assert first == second


@pytest.mark.parametrize("key", [7, True, ["a"], {"a": 1}, 1.5, "", "a b"])
def test_a_key_that_is_no_plain_text_is_refused_and_nothing_is_done(
    service: Service, key: object
) -> None:
    async def once(client: Client) -> Any:  # noqa: ANN401 - the client's own type
        meta: Any = {"worldsim/idempotency_key": key}
        return await client.call_tool(DECIDE, {"decision": "wait"}, meta=meta)

    result = service.speak("ada", once)

    assert document_of(result)["rejection"]["code"] == "invalid_idempotency_key"


def test_a_token_is_checked_at_each_request_and_opens_its_own_world_only(service: Service) -> None:
    answers = {
        agent: service.ask(agent, "resources/read", uri="worldsim://demo/events/1")
        for agent in ("ada", "eve")
    }

    assert "result" in answers["ada"]
    assert answers["eve"]["error"]["data"]["code"] == "not_found"
    unknown = service.ask("eve", "resources/read", uri="worldsim://nowhere/events/1")
    assert answers["eve"]["error"] == unknown["error"]


@pytest.mark.parametrize(
    "uri",
    [
        "worldsim://demo/",
        "worldsim://demo/events/0",
        "worldsim://demo/events/99999",
        "worldsim://demo/events/-1",
        "worldsim://demo/events/1?before=2",
        "worldsim://demo/artifacts/abc",
        "worldsim://demo/artifacts/" + "0" * 64,
        "worldsim://demo/artifacts/" + "0" * 64 + "/wasm",
        "worldsim://demo/modules/none",
        "worldsim://demo/modules/a/b",
        "worldsim://demo/modules/%00",
        "worldsim://demo/modules/\0",
        "worldsim://demo/events/",
        "worldsim://demo/../other/events/1",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_with_nothing_behind_it_is_an_error_that_shows_nothing(
    service: Service, uri: str
) -> None:
    error = service.ask("ada", "resources/read", uri=uri)["error"]

    assert error["code"] == -32602
    assert error["data"]["code"] == "not_found"
    assert str(service.data) not in json.dumps(error)


def test_a_cursor_that_is_none_of_ours_is_refused(service: Service) -> None:
    for cursor in ("", "artifacts", "events:1", "modules:x"):
        error = service.ask("ada", "resources/list", cursor=cursor)["error"]
        assert error["data"]["code"] == "invalid_parameter"
