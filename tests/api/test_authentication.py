"""Who may speak: agents by their tokens, people by their sessions; everybody else gets a 401."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.models.worlds import AgentToken, Role
from lifecycle.usecases.tokens import replace_token
from tests.api.speaking import Api, agent, nobody, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "header",
    [
        "Bearer wst_unknown",
        "Bearer",
        "Bearer ",
        "bearer wst_\u00e9",
        "Bearer a b",
        "Bearer wst_" + "x" * 5000,
    ],
)
def test_a_token_that_nobody_was_given_is_401(tokens: dict[str, str], header: str) -> None:
    assert tokens
    answer = nobody().get(Authorization=header)

    assert (answer.status, answer.code) == (401, "authentication_failed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Basic YTpi", "wst_unknown", "Token x"])
def test_another_kind_of_credentials_is_401(tokens: dict[str, str], header: str) -> None:
    assert tokens
    assert nobody().get(Authorization=header).status == 401


def test_the_scheme_may_be_written_in_any_case(tokens: dict[str, str]) -> None:
    assert nobody().get(Authorization=f"BEARER {tokens['ada']}").status == 200


def test_a_token_in_the_address_is_no_token(tokens: dict[str, str]) -> None:
    assert nobody().get(f"?token={tokens['ada']}&access_token={tokens['ada']}").status == 401


def test_a_replaced_token_is_401_from_then_on(tokens: dict[str, str]) -> None:
    new = replace_token("demo", "ada")

    assert agent(tokens["ada"]).get().status == 401
    assert agent(new).get().status == 200


def test_a09_only_a_digest_of_the_token_is_stored(tokens: dict[str, str]) -> None:
    rows = [str(row) for row in AgentToken.objects.values_list()]

    assert not any(token in row for row in rows for token in tokens.values())


def test_a_change_by_session_needs_the_csrf_token(tokens: dict[str, str]) -> None:
    assert tokens
    logged_in = person("olga", Role.OPERATOR)
    forged = Api(logged_in.client, {})

    answer = forged.decide("wait", agent_id="ada")

    assert (answer.status, answer.code) == (403, "csrf_failed")
    assert forged.get().status == 200
    assert logged_in.get().json["tick"] == 0


def test_a_token_needs_no_csrf_token(tokens: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = Api(client, {"Authorization": f"Bearer {tokens['ada']}"}).decide("wait")

    assert answer.status == 201


def test_a_wrong_token_is_not_saved_by_a_session(tokens: dict[str, str]) -> None:
    assert tokens
    logged_in = person("olga", Role.OPERATOR)

    assert logged_in.get(Authorization="Bearer wst_unknown").status == 401


def test_a_deactivated_account_is_out(tokens: dict[str, str]) -> None:
    assert tokens
    logged_in = person("olga", Role.OPERATOR)
    User.objects.filter(username="olga").update(is_active=False)

    assert logged_in.get().status == 401


def test_a11_no_log_line_holds_a_token(
    tokens: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    nobody().get(Authorization="Bearer wst_canary")
    agent(tokens["ada"]).decide("move_agent", to="nowhere")

    assert caplog.records
    assert "wst_canary" not in caplog.text
    assert tokens["ada"] not in caplog.text
