"""Every address that the resolver knows, tried by everybody: nothing leaks, nothing changes.

A05, A07, A09, A11 and A13, for all addresses at once.
"""

import re
from typing import Any

import pytest
from django.test import Client

from tests.notebook.people import text_of
from tests.usecases.histories import every_table
from tests.walk.addresses import KIND_OF, Kind, filled, kind_of, routes
from tests.walk.people import MEMBERS, Place, prepare, walker

pytestmark = pytest.mark.django_db
ACCOUNTS = ("stranger", *MEMBERS, "superuser")
EVERYBODY = ("nobody", "agent", "foreign agent", *ACCOUNTS)
# Which of these a GET may give; a page that redirects to the log-in shows nothing.
LOG_IN, SEEN, REFUSED, ABSENT, NO_PAGE, NO_CREDENTIALS = (
    {302},
    {200, 204},
    {403},
    {404},
    {405},
    {401},
)
# A session's visits, when a token was last used, and what is counted, are no change of the world.
_BOOKKEEPING = ("django_session", "lifecycle_agenttoken", "lifecycle_allowance")
# Logging out ends the walker's own session; it has tests of its own.
_ENDS_THE_SESSION = frozenset({"/logout/", "/admin/logout/"})
# What an auditor asks for is written down; it changes nothing that is audited.
_OF_AN_AUDITOR = ("/checks", "/checkpoints")


@pytest.fixture
def place() -> Place:
    return prepare()


def stored() -> dict[str, Any]:
    tables = every_table()
    return {name: rows for name, rows in tables.items() if name not in _BOOKKEEPING}


def expected(kind: Kind, route: str, who: str) -> set[int]:
    """Say with which status a GET may be answered."""
    by_token = who in {"agent", "foreign agent"}
    match kind:
        case Kind.OPEN:
            return SEEN | LOG_IN | (NO_PAGE if "logout" in route else set())
        case Kind.OWN:
            return LOG_IN if who == "nobody" or by_token else SEEN
        case Kind.PAGE | Kind.FORM:
            return _of_a_page(kind, route, who, by_token=by_token)
        case Kind.LIST:
            return NO_CREDENTIALS if who == "nobody" else SEEN
        case Kind.DATA | Kind.TOKENS | Kind.ACTION:
            return _of_the_api(kind, who)
        case Kind.AUDIT:
            if who == "nobody" or by_token:
                return LOG_IN | ABSENT
            closed = who in {"viewer", "operator"}
            return (
                REFUSED | ABSENT | LOG_IN if closed else SEEN | LOG_IN | REFUSED | ABSENT | NO_PAGE
            )


def _of_a_page(kind: Kind, route: str, who: str, *, by_token: bool) -> set[int]:
    if kind is Kind.FORM:
        return NO_PAGE | (LOG_IN if who == "nobody" or by_token else set())
    if who == "nobody" or by_token:
        return LOG_IN | NO_CREDENTIALS
    if who == "stranger":
        return ABSENT
    if route.endswith("<str:name>/") and who in {"auditor", "operator"}:
        # Of the others' pages a member sees his or her own alone.
        return REFUSED
    return SEEN | LOG_IN


def _of_the_api(kind: Kind, who: str) -> set[int]:
    if who == "nobody":
        return NO_CREDENTIALS
    if kind is Kind.ACTION:
        return NO_PAGE
    if who in {"stranger", "foreign agent"}:
        return ABSENT
    if kind is Kind.TOKENS and who not in {"maintainer", "superuser"}:
        return REFUSED
    return SEEN


def test_every_address_has_a_kind_and_the_table_names_no_other() -> None:
    found = routes()

    assert [route for route in found if kind_of(route) is None] == []
    assert [route for route in KIND_OF if route not in found] == []
    assert len(found) > 150


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_is_looked_at_shows_what_it_may_and_changes_nothing(
    place: Place, who: str, method: str
) -> None:
    client, headers = walker(who, place)
    before = stored()
    wrong = []

    for route in routes():
        kind = kind_of(route)
        assert kind is not None
        answer = getattr(client, method)(filled(route, place.values), headers=headers)
        body = body_of(answer)
        if answer.status_code not in expected(kind, route, who):
            wrong.append((route, answer.status_code))
        if any(secret in body for secret in place.secrets):
            wrong.append((route, "shows a secret"))
        location = answer.headers.get("Location", "")
        if re.match(r"(?!http://testserver/)(\w+:|//)", location):
            wrong.append((route, location))

    assert wrong == []
    assert stored() == before


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_no_cache_shows_one_callers_answer_to_another(place: Place, who: str, method: str) -> None:
    client, headers = walker(who, place)
    unknown = {**place.values, "str:world": "nowhere"}
    wrong = []

    for route in routes():
        if not route.startswith("/api/v1/"):
            continue
        for address in (filled(route, place.values), filled(route, unknown)):
            answer = getattr(client, method)(address, headers=headers)
            body_of(answer)
            kept = answer.headers.get("Cache-Control")
            varies = {name.strip() for name in answer.headers.get("Vary", "").split(",")}
            by_hash = "<str:wasm_hash>/wasm" in route and answer.status_code == 200
            if not varies >= {"Authorization", "Cookie"}:
                wrong.append((address, answer.headers.get("Vary")))
            if kept != "no-store" and not (by_hash and kept and kept.startswith("private,")):
                wrong.append((address, kept))

    assert wrong == []


def test_no_cache_keeps_what_is_said_of_an_address_that_is_none(client: Client) -> None:
    answer = client.get("/api/v1/nowhere/")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Authorization, Cookie"


def body_of(answer: Any) -> str:  # noqa: ANN401 - Django's test response
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(content).decode(errors="replace")


@pytest.mark.parametrize("who", ACCOUNTS)
def test_what_changes_something_wants_the_forms_token(place: Place, who: str) -> None:
    client, headers = walker(who, place)
    before = stored()

    wrong = [
        (route, status)
        for route in routes()
        if (status := client.post(filled(route, place.values), headers=headers).status_code)
        not in {403, 404, 405}
    ]

    assert wrong == []
    assert stored() == before


@pytest.mark.parametrize("who", ["nobody", "stranger", "foreign agent", "viewer", "auditor"])
def test_who_may_change_nothing_changes_nothing_by_any_address(place: Place, who: str) -> None:
    client, headers = walker(who, place)
    client.handler.enforce_csrf_checks = False
    before = stored()

    wrong = []
    for route in routes():
        asks = who == "auditor" and route.rstrip("/").endswith(_OF_AN_AUDITOR)
        if route in _ENDS_THE_SESSION or asks:
            continue
        form = {"agent_id": "ada", "decision": '{"decision": "wait"}', "role": "maintainer"}
        answer = client.post(filled(route, place.values), form, headers=headers)
        if answer.status_code >= 500:
            wrong.append((route, answer.status_code))

    assert wrong == []
    assert stored() == before


@pytest.mark.parametrize("who", ["stranger", "foreign agent"])
def test_a_foreign_world_answers_with_the_body_of_an_unknown_one(place: Place, who: str) -> None:
    client, headers = walker(who, place)
    unknown = {**place.values, "str:world": "nowhere", "str:slug": "nowhere"}

    for route in routes():
        if "<str:world>" not in route and "<str:slug>" not in route:
            continue
        theirs = answer_of(client, filled(route, place.values), headers)
        nothing = answer_of(client, filled(route, unknown), headers)
        assert theirs == nothing, route


def answer_of(client: Client, address: str, headers: dict[str, str]) -> tuple[int, str]:
    answer = client.get(address, headers=headers)
    plain = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(answer))
    return answer.status_code, plain.replace("/demo/", "/nowhere/")
