"""Over the limit, a call is a refusal that a model reads, and a wrong token is answered 429."""

import json
from datetime import UTC, datetime

import pytest
from django.conf import settings

from lifecycle.models.decisions import Decision
from lifecycle.usecases import rates
from tests.service import found_world
from tests.walk.asking_mcp import Told, ask

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FEW = {"submits_per_minute": 2, "token_failures_per_minute": 2}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    # All at one moment: on a slow machine something would come back meanwhile.
    monkeypatch.setattr(rates, "utc_now", lambda: NOW)
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=FEW))


def call(token: str, name: str, **arguments: object) -> Told:
    """Call a tool over HTTP as an agent."""
    params = {"name": name, "arguments": arguments}
    return ask("tools/call", params, Authorization=f"Bearer {token}")


def test_a_call_over_the_limit_is_a_refusal_that_says_when_to_go_on() -> None:
    tokens = found_world()
    answers = [call(tokens["ada"], "agent_submit_decision", decision="wait") for _ in range(3)]

    results = [answer.document["result"] for answer in answers]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [bool(result["isError"]) for result in results] == [False, False, True]
    rejection = results[-1]["structuredContent"]["rejection"]
    assert rejection["code"] == "rate_limited"
    assert rejection["facts"] == {"retry_after_seconds": 30}
    assert "30 seconds" in rejection["hint"]
    assert json.loads(results[-1]["content"][0]["text"])["rejection"] == rejection
    assert Decision.objects.count() == 2
    other = call(tokens["bob"], "agent_submit_decision", decision="wait")
    looked = call(tokens["ada"], "world_observation")
    assert not other.document["result"]["isError"]
    assert not looked.document["result"]["isError"]


def test_malformed_calls_count_and_are_not_kept_over_the_limit() -> None:
    token = found_world()["ada"]
    codes = [
        call(token, "agent_submit_decision", decision="smoke").document["result"][
            "structuredContent"
        ]["rejection"]["code"]
        for _ in range(3)
    ]

    assert codes[-1] == "rate_limited"
    assert "rate_limited" not in codes[:2]
    assert Decision.objects.count() == 2


def test_too_many_wrong_tokens_are_answered_429_and_a_valid_one_is_let_in() -> None:
    token = found_world()["ada"]
    wrong = {"Authorization": "Bearer wst_" + "x" * 43}

    answers = [ask("tools/list", {}, **wrong) for _ in range(3)]

    assert [answer.status for answer in answers] == [401, 401, 429]
    assert answers[-1].document["code"] == "rate_limited"
    assert answers[-1].headers["retry-after"] == "30"
    assert not call(token, "world_observation").document["result"]["isError"]
