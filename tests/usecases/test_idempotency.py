"""An idempotency key: the first answer again, for the same agent, world and body."""

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.core.ids import AgentId
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.journal import JournalEvent
from lifecycle.usecases import worlds
from lifecycle.usecases.errors import InvalidKeyError, KeyReusedError
from lifecycle.usecases.outcomes import outcome_document
from lifecycle.usecases.queries.decisions import decision_document
from lifecycle.usecases.submit import Submission
from tests.service import decide, deploy, found_world, wasm

pytestmark = pytest.mark.django_db


def test_e01_the_same_key_with_the_same_body_gives_the_first_answer() -> None:
    found_world()
    submission = Submission("demo", AgentId("ada"), None, "api", "k")
    first = decide("ada", "wait_ticks", ticks=2, key="k")
    answer = outcome_document(submission, first)

    # A client that never saw the answer sends it all again.
    again = decide("ada", "wait_ticks", ticks=2, key="k")

    assert outcome_document(submission, again) == answer
    assert JournalEvent.objects.filter(kind="AgentWaited").count() == 1
    assert Decision.objects.count() == 1


def test_e01_a_refusal_is_repeated_as_it_was_though_the_world_has_changed() -> None:
    found_world()
    first = decide("ada", "move_agent", to="pier", key="k")
    worlds.add_location("demo", "pier")

    again = decide("ada", "move_agent", to="pier", key="k")

    assert again.earlier is not None
    assert again.status is DecisionStatus.REJECTED
    assert again.decision_id == first.decision_id


def test_the_order_of_the_members_makes_no_other_body() -> None:
    found_world()
    first = decide("ada", "wait_ticks", key="k", ticks=2, message_to_user="hello")

    again = decide("ada", "wait_ticks", key="k", message_to_user="hello", ticks=2)

    assert again.decision_id == first.decision_id


def test_e01_the_same_key_with_another_body_is_an_error_and_changes_nothing() -> None:
    found_world()
    first = decide("ada", "wait_ticks", ticks=2, key="k")

    with pytest.raises(KeyReusedError) as caught:
        decide("ada", "wait_ticks", ticks=3, key="k")

    assert caught.value.facts == {"decision_id": first.decision_id}
    assert Decision.objects.count() == 1


def test_a_key_belongs_to_an_agent_and_a_world() -> None:
    found_world("demo")
    found_world("other")

    answers = {
        decide(agent, "wait", world=world, key="k").decision_id
        for agent in ("ada", "bob")
        for world in ("demo", "other")
    }

    assert len(answers) == 4


def test_without_a_key_every_decision_is_another() -> None:
    found_world()

    assert decide("ada", "wait").decision_id != decide("ada", "wait").decision_id


def test_a_move_is_repeated_as_applied_with_a_key_and_unchanged_without() -> None:
    found_world()
    worlds.add_location("demo", "pier")
    decide("ada", "move_agent", to="pier", key="k")

    assert decide("ada", "move_agent", to="pier", key="k").status is DecisionStatus.APPLIED
    assert decide("ada", "move_agent", to="pier").status is DecisionStatus.UNCHANGED


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\x00", "a\n"])
def test_a_key_that_cannot_be_compared_exactly_is_refused(key: str) -> None:
    found_world()

    with pytest.raises(InvalidKeyError):
        decide("ada", "wait", key=key)

    assert not Decision.objects.exists()


def test_a_decision_reads_back_as_it_was_answered() -> None:
    found_world()
    submission = Submission("demo", AgentId("ada"), None, "api")
    outcomes = [
        decide("ada", "wait"),
        decide("ada", "move_agent", to="nowhere"),
        decide("ada", "move_agent", to="hub"),
        deploy("ada", wasm(), module_id="clock"),
    ]

    for outcome in outcomes:
        stored = Decision.objects.get(decision_id=outcome.decision_id)
        assert decision_document(get_any_world("demo"), stored) == outcome_document(
            submission, outcome
        )
