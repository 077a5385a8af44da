"""Submits and invalid tokens are limited in number, with 429 and Retry-After."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from lifecycle.models.decisions import Decision
from lifecycle.models.worlds import Role
from lifecycle.usecases import rates
from tests.api.speaking import DEMO, Api, agent, person
from tests.notebook.people import browser_of, send_decision

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FEW = {"submits_per_minute": 3, "account_submits_per_minute": 2, "token_failures_per_minute": 2}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    # All at one moment: on a slow machine something would come back meanwhile.
    monkeypatch.setattr(rates, "utc_now", lambda: NOW)
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=FEW))


def test_an_agent_submits_so_many_and_is_told_when_to_go_on(ada: Api, bob: Api) -> None:
    answers = [ada.decide("wait") for _ in range(4)]

    assert [answer.status for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].code == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) == 20
    assert answers[-1].json["facts"]["retry_after_seconds"] == 20
    assert Decision.objects.count() == 3
    assert bob.decide("wait").status == 201
    assert ada.get("events/").status == 200


def test_two_tokens_of_an_agent_share_its_allowance(tokens: dict[str, str]) -> None:
    eve = person("eve", Role.MAINTAINER)
    second = agent(eve.post("agents/ada/tokens/", {}).json["token"])
    first = agent(tokens["ada"])

    statuses = [one.decide("wait").status for one in (first, second, first, second)]

    assert statuses == [201, 201, 201, 429]


def test_malformed_decisions_and_dry_runs_count_too(ada: Api) -> None:
    assert ada.say("nothing").status == 400
    assert ada.post("decisions/?dry_run=1", {"decision": "wait"}).status == 200
    assert ada.decide("wait").status == 201

    assert ada.say("nothing").status == 429
    assert ada.post("decisions/?dry_run=1", {"decision": "wait"}).status == 429
    assert ada.decide("wait").status == 429
    assert Decision.objects.count() == 2


def test_an_account_is_limited_over_its_agents_and_faces(tokens: dict[str, str]) -> None:
    assert tokens
    eve = person("eve", Role.OPERATOR)
    eve.post("decisions/", {"decision": "wait", "agent_id": "ada"})
    eve.post("decisions/", {"decision": "wait", "agent_id": "bob"})

    assert eve.post("decisions/", {"decision": "wait", "agent_id": "ada"}).status == 429
    assert send_decision(eve.client, "wait").status_code in {403, 429}
    ben = browser_of("ben", Role.OPERATOR)
    statuses = [send_decision(ben, "wait_ticks", ticks=n).status_code for n in (1, 2, 3)]
    assert statuses[-1] == 429


def test_invalid_tokens_are_limited_by_address_and_valid_ones_are_not(
    tokens: dict[str, str],
) -> None:
    wrong = {"Authorization": "Bearer wst_" + "x" * 43}
    answers = [Client().get(DEMO, headers=wrong) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1].headers["Retry-After"] == "30"
    assert agent(tokens["ada"]).get().status == 200
    assert Client().get(DEMO, headers=wrong, REMOTE_ADDR="192.0.2.9").status_code == 401
