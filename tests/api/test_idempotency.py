"""Idempotency keys at the door: one event for each key, whatever the client or the network does."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.api.speaking import Answer, Api, agent
from tests.service import found_world

pytestmark = pytest.mark.django_db


def test_the_same_key_gives_the_first_answer_again(ada: Api) -> None:
    first = ada.decide("wait_ticks", ticks=3, key="k-1")
    second = ada.decide("wait_ticks", ticks=3, key="k-1")

    assert (first.status, second.status) == (201, 200)
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert ada.get().json["tick"] == 3


def test_a_repeated_refusal_stays_a_refusal(ada: Api) -> None:
    first = ada.decide("move_agent", to="nowhere", key="k-1")
    second = ada.decide("move_agent", to="nowhere", key="k-1")

    assert (first.status, second.status) == (422, 422)
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"


def test_the_same_key_with_another_body_is_a_conflict(ada: Api) -> None:
    first = ada.decide("wait_ticks", ticks=3, key="k-1")
    other = ada.decide("wait_ticks", ticks=4, key="k-1")

    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert other.json["facts"] == {"decision_id": first.json["id"]}
    assert ada.get().json["tick"] == 3


def test_another_agents_key_is_another_key(ada: Api, bob: Api) -> None:
    assert ada.decide("wait", key="k-1").status == 201
    assert bob.decide("wait", key="k-1").status == 201


@pytest.mark.parametrize("key", ["", " ", "two words", "k" * 256, "kl\u00e9"])
def test_a_key_that_cannot_be_compared_exactly_is_refused(ada: Api, key: str) -> None:
    answer = ada.decide("wait", key=key)

    assert (answer.status, answer.code) == (400, "invalid_idempotency_key")
    assert ada.get().json["tick"] == 0


@pytest.mark.django_db(transaction=True)
def test_e01_twenty_clients_with_one_key_cause_one_event() -> None:
    token = found_world("demo", "ada")["ada"]
    # The document that answers are held against is made by the first of them, alone.
    assert agent(token).get().status == 200

    def submit(_: int) -> Answer:
        try:
            return agent(token).decide("wait_ticks", ticks=2, key="double-click")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(submit, range(20)))

    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert agent(token).get().json["tick"] == 2
    assert len(agent(token).get("decisions/").json["decisions"]) == 1
