"""The address of MCP by all: without an agent's valid token nothing, with it its own world.

A05, A07 and A09 for the one address that the resolver does not know.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.journal.store import get_head
from lifecycle.models.worlds import AgentToken
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.tokens import replace_token
from tests.walk.asking_mcp import Told, ask
from tests.walk.people import Place, prepare
from tests.walk.test_every_address import stored

pytestmark = pytest.mark.django_db
MESSAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("initialize", {}),
    ("tools/list", {}),
    ("resources/list", {}),
    ("tools/call", {"name": "world_observation", "arguments": {}}),
    ("tools/call", {"name": "agent_submit_decision", "arguments": {"decision": "wait"}}),
    ("resources/read", {"uri": "worldsim://demo/events"}),
)
DECIDE = MESSAGES[4]


@pytest.fixture
def place() -> Place:
    return prepare()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def no_credentials(place: Place) -> dict[str, str]:
    del place
    return {}


def a_strangers_token(place: Place) -> dict[str, str]:
    """Give a token of the right form that was never issued."""
    return bearer(f"{place.tokens['agent'][:-4]}AAAA")


def a_revoked_token(place: Place) -> dict[str, str]:
    replace_token("demo", "ada")
    return bearer(place.tokens["agent"])


def a_token_that_ended(place: Place) -> dict[str, str]:
    AgentToken.objects.filter(agent_id="ada").update(ends_at=utc_now() - timedelta(seconds=1))
    return bearer(place.tokens["agent"])


def a_superusers_session(place: Place) -> dict[str, str]:
    del place
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def a_code_of_an_invitation(place: Place) -> dict[str, str]:
    [code] = [secret for secret in place.secrets if secret.startswith("wsi_")]
    return bearer(code)


@pytest.mark.parametrize(
    "credentials",
    [
        no_credentials,
        a_strangers_token,
        a_revoked_token,
        a_token_that_ended,
        a_superusers_session,
        a_code_of_an_invitation,
    ],
)
def test_without_a_valid_token_of_an_agent_nothing_is_told_or_done(
    place: Place, credentials: Callable[[Place], dict[str, str]]
) -> None:
    headers = credentials(place)
    before = stored()

    for method, params in MESSAGES:
        answer = ask(method, params, **headers)
        assert (answer.status, answer.document["code"]) == (401, "authentication_failed"), method
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert not any(secret in answer.text for secret in place.secrets)
    for verb in ("GET", "DELETE", "PUT"):
        assert ask("tools/list", {}, verb=verb, **headers).status == 401

    assert stored() == before


def result(answer: Told) -> dict[str, Any]:
    assert answer.status == 200
    found: dict[str, Any] = answer.document["result"]
    return found


def test_an_agent_of_another_world_sees_and_does_its_own_alone(place: Place) -> None:
    zoe = bearer(place.tokens["foreign agent"])
    mine, theirs = get_head("demo"), get_head("theirs")

    seen = ask("tools/call", {"name": "world_observation", "arguments": {}}, **zoe)
    listed = ask("resources/list", {}, **zoe)
    done = ask(DECIDE[0], DECIDE[1], **zoe)
    named = ask(
        "tools/call",
        {"name": DECIDE[1]["name"], "arguments": {"decision": "wait", "agent_id": "ada"}},
        **zoe,
    )

    assert result(done)["structuredContent"]["world"] == "theirs"
    assert result(named)["isError"]
    assert "demo" not in seen.text + listed.text + done.text
    assert (get_head("demo"), get_head("theirs").seq) == (mine, theirs.seq + 1)
    for answer in (seen, listed, done, named):
        assert not any(secret in answer.text for secret in place.secrets)


@pytest.mark.parametrize(
    "path",
    ["events", "events/1", "artifacts", "artifacts/{wasm}", "artifacts/{wasm}/wasm", "modules"],
)
def test_a_foreign_world_is_as_absent_as_an_unknown_one(place: Place, path: str) -> None:
    zoe = bearer(place.tokens["foreign agent"])
    path = path.format(wasm=place.values["str:wasm_hash"])
    assert get_any_world("demo")

    foreign = ask("resources/read", {"uri": f"worldsim://demo/{path}"}, **zoe)
    unknown = ask("resources/read", {"uri": f"worldsim://nowhere/{path}"}, **zoe)
    own = ask("resources/read", {"uri": "worldsim://theirs/events"}, **zoe)

    assert foreign.document == unknown.document
    assert foreign.document["error"]["data"]["code"] == "not_found"
    assert "result" in own.document


def test_an_agent_of_the_world_is_let_in(place: Place) -> None:
    ada = bearer(place.tokens["agent"])

    for method, params in MESSAGES[1:]:
        answer = ask(method, params, **ada)
        assert "result" in answer.document, method
        assert not any(secret in answer.text for secret in place.secrets)
    assert ask("tools/list", {}, verb="GET", **ada).status == 405
