"""Whatever goes wrong is a problem document, and tells nothing of the host."""

import json
import logging

import pytest
from django.db import OperationalError
from django.test import Client

from lifecycle.api import problems
from lifecycle.content.store import ContentError
from lifecycle.protocol.wording import WORDED_CODES
from lifecycle.usecases import errors
from tests.api.speaking import DEMO, Api, agent

pytestmark = pytest.mark.django_db
CANARY = "canary-7f3a"


def test_an_address_that_is_none_is_a_problem_document(tokens: dict[str, str]) -> None:
    assert tokens
    for url in ("/api/v1/nothing/", "/api/nothing", "/api/v1/worlds/demo/events/x/"):
        response = Client().get(url)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "not_found"
    for url in ("/api/v1/nothing/", "/api/v1/worlds/demo/decision/"):
        hint = Client().post(url).json()["hint"]
        assert "/api/v1/worlds/WORLD/decisions/" in hint
        assert "/api/schema/" in hint


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("url", ["/api/schema", "/worlds/demo", "/login", "/worlds/demo/cells"])
def test_what_is_sent_to_an_address_without_its_slash_is_told_the_right_one(
    url: str, method: str, tokens: dict[str, str]
) -> None:
    assert tokens
    response = Client().generic(method, url, b"{}", content_type="application/json")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert f"{url}/" in response.json()["detail"]
    assert f"{url}/" in response.json()["hint"]
    assert response.headers["Content-Length"] == str(len(response.content))


def test_who_looks_at_an_address_without_its_slash_is_led_to_it() -> None:
    for look in (Client().get, Client().head):
        response = look("/worlds/demo?q=1")
        assert (response.status_code, response.headers["Location"]) == (301, "/worlds/demo/?q=1")


def test_an_address_outside_of_the_api_keeps_its_page() -> None:
    response = Client().get("/nothing-here/")

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_host_that_is_not_served_is_a_problem_document(tokens: dict[str, str]) -> None:
    response = Client().get(
        DEMO, headers={"Host": "evil.example", "Authorization": f"Bearer {tokens['ada']}"}
    )

    assert response.status_code == 400
    assert response.json()["code"] == "bad_request"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_method_that_an_address_has_not_is_405(tokens: dict[str, str], method: str) -> None:
    headers = {"Authorization": f"Bearer {tokens['ada']}"}

    response = Client().generic(method, f"{DEMO}decisions/", headers=headers)

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert response.json()["facts"] == {"method": method, "allowed": "GET, HEAD, POST"}


def test_a_store_that_takes_nothing_is_503_and_worth_asking_again(
    ada: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError(f"database or disk is full: {CANARY}")

    monkeypatch.setattr("lifecycle.journal.store.append", full)

    answer = ada.decide("wait")

    assert (answer.status, answer.code) == (503, "storage_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert CANARY.encode() not in answer.body
    assert ada.get().json["head_seq"] == 4


def test_a_fault_of_ours_tells_nothing_of_the_host_and_logs_no_words_of_the_sender(
    ada: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"/home/somebody {CANARY}")

    monkeypatch.setattr("lifecycle.api.decisions.receive", broken)

    answer = ada.decide("wait", message_to_user=CANARY)

    assert (answer.status, answer.code) == (500, "internal_error")
    assert answer.json["facts"] == {}
    assert b"/home" not in answer.body
    assert CANARY not in answer.body.decode()
    assert CANARY not in caplog.text
    assert "RuntimeError" in caplog.text


def test_missing_content_is_told_as_a_broken_journal(
    ada: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ContentError("no content has the digest")

    monkeypatch.setattr("lifecycle.api.artifacts.find_wasm", missing)

    answer = ada.get(f"artifacts/{'0' * 64}/wasm")

    assert (answer.status, answer.code) == (409, "journal_broken")


def test_every_code_of_the_edge_has_its_words() -> None:
    use_cases = {error.code for error in errors.UseCaseError.__subclasses__()}
    own = set(problems.CODES) | {"csrf_failed", "authentication_failed", "rate_limited"}

    assert use_cases | own <= WORDED_CODES


def test_a_problem_has_all_members_of_rfc_9457(ada: Api) -> None:
    problem = ada.get("/api/v1/worlds/nowhere/").json

    assert problem["type"] == "urn:worldsim:problem:not_found"
    assert (problem["title"], problem["status"]) == ("Not Found", 404)
    assert problem["detail"]
    assert problem["hint"]
    assert json.dumps(problem)


def test_an_unknown_worlds_name_is_not_echoed(ada: Api) -> None:
    assert CANARY.encode() not in ada.get(f"/api/v1/worlds/{CANARY}/").body


def test_a_lost_world_does_not_keep_its_token_from_failing(tokens: dict[str, str]) -> None:
    assert agent(tokens["ada"]).get("/api/v1/worlds/").status == 200
