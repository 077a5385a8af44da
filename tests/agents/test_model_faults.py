"""A model that is silent, broken or unwilling leaves a recorded turn, never silence."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.journal import JournalEvent
from lifecycle.usecases.verify import verify_world
from tests.agents.conftest import SetLimits
from tests.agents.running import Run, wait_call
from tests.scripted_model.answers import Answer
from tests.scripted_model.faulty_answers import content_filtered, no_choices, refused
from tests.scripted_model.faulty_replies import (
    compressed,
    context_too_long,
    dropped,
    dropped_in_body,
    empty_body,
    endless,
    html,
    huge,
    invalid_json,
    invalid_utf8,
    other_json,
    quota_spent,
    rate_limited,
    redirected,
    server_error,
    stalled,
    stalled_in_body,
    trickled,
    unauthorized,
    unavailable,
    unknown_model,
)
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world

FOREVER_S = 30


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refused(), "model_refused"),
        (content_filtered(), "model_refused"),
        (quota_spent(), "model_rate_limited"),
        (unauthorized(), "model_unauthorised"),
        (unknown_model(), "model_error"),
        (context_too_long(), "model_error"),
        (html(), "model_error"),
        (invalid_json(), "model_error"),
        (invalid_utf8(), "model_error"),
        (other_json([1]), "model_error"),
        (no_choices(), "model_error"),
        (empty_body(), "model_error"),
        (compressed(64 * 1024 * 1024), "model_error"),
        (huge(9 * 1024 * 1024), "model_answer_too_large"),
        (endless(), "model_answer_too_large"),
    ],
)
def test_a_fault_that_no_waiting_mends_ends_the_turn_at_once(answer: Answer, code: str) -> None:
    found_world()

    with ScriptedModel(answer) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == [code]
    assert run.faults == [code]
    assert run.turns[0]["steps"][0]["tries"] == 1
    record = Decision.objects.get()
    assert record.status == DecisionStatus.MALFORMED
    assert record.prompt_digest == run.turns[0]["prompt_digest"]
    assert f'"{code}"' in (record.rejection or "")
    assert not JournalEvent.objects.filter(decision_id__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer",
    [
        server_error(),
        server_error(502),
        unavailable("0"),
        rate_limited("0"),
        dropped(),
        dropped(reset=True),
        dropped_in_body(wait_call()),
    ],
)
def test_a_fault_that_passes_is_tried_again(answer: Answer) -> None:
    found_world()

    with ScriptedModel(answer, wait_call()) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert run.turns[0]["steps"][0]["tries"] == 2


@pytest.mark.django_db
def test_tries_are_bounded() -> None:
    found_world()

    with ScriptedModel(rate_limited("0.01"), after="repeat") as model:
        run = Run(model)

    assert run.outcomes == ["model_rate_limited"]
    assert len(model.completions) == 4


@pytest.mark.django_db
def test_a_wait_that_the_turn_has_no_time_for_is_not_begun() -> None:
    found_world()
    started_s = time.monotonic()

    with ScriptedModel(rate_limited("3600"), after="repeat") as model:
        run = Run(model)

    assert run.outcomes == ["model_rate_limited"]
    assert time.monotonic() - started_s < 5


@pytest.mark.django_db
def test_retry_after_is_honoured() -> None:
    found_world()

    with ScriptedModel(rate_limited("1"), wait_call()) as model:
        Run(model)

    first, second = model.completions
    assert second.received_at - first.received_at >= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer",
    [
        stalled(wait_call(), FOREVER_S),
        stalled_in_body(wait_call(), FOREVER_S),
        trickled(wait_call(), 1, 0.2),
    ],
)
def test_l33_a_model_that_stalls_is_a_recorded_timeout(
    answer: Answer, set_limits: SetLimits
) -> None:
    """One that sends a byte now and then, too: the time is that of the whole answer."""
    found_world()
    set_limits(turn_seconds=1)

    with ScriptedModel(answer) as model:
        run = Run(model)

    assert run.outcomes == ["model_timeout"]
    assert 500 <= run.turns[0]["latency_ms"] < 3000
    assert Decision.objects.get().status == DecisionStatus.MALFORMED


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_unreachable(set_limits: SetLimits) -> None:
    found_world()
    set_limits(turn_seconds=2)
    with ScriptedModel() as model:
        pass

    run = Run(model)

    assert run.outcomes == ["model_unreachable"]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    found_world()

    with ScriptedModel(wait_call()) as elsewhere:
        target = f"{elsewhere.base_url}/chat/completions"
        with ScriptedModel(redirected(target, status), after="repeat") as model:
            run = Run(model)

    assert run.outcomes == ["model_error"]
    assert elsewhere.requests == []


@pytest.mark.django_db
def test_a_run_ends_after_five_turns_in_a_row_without_an_answer() -> None:
    found_world()

    with ScriptedModel(html(), html(), wait_call(), html(), after="repeat") as model:
        run = Run(model, turns=50)

    assert run.outcomes == [*["model_error"] * 2, "applied", *["model_error"] * 5]
    assert (run.document["state"], run.document["reason"]) == ("failed", "model_error")


@pytest.mark.django_db
def test_a_key_that_is_not_taken_ends_a_run_at_once() -> None:
    found_world()

    with ScriptedModel(unauthorized(), after="repeat") as model:
        run = Run(model, turns=50)

    assert run.outcomes == ["model_unauthorised"]
    assert run.document["state"] == "failed"


@pytest.mark.django_db(transaction=True)
def test_l33_while_one_agents_model_stalls_the_others_turns_go_on(set_limits: SetLimits) -> None:
    found_world()
    set_limits(turn_seconds=3)

    def live(model: ScriptedModel, agent_id: str, turns: int) -> Run:
        try:
            return Run(model, turns, agent_id=agent_id)
        finally:
            connection.close()

    with (
        ScriptedModel(stalled(wait_call(), FOREVER_S)) as silent,
        ScriptedModel(wait_call(), after="repeat") as lively,
        ThreadPoolExecutor(2) as pool,
    ):
        stuck = pool.submit(live, silent, "ada", 1)
        going = pool.submit(live, lively, "bob", 5).result()

        assert not stuck.done()
        assert going.outcomes == ["applied"] * 5
        assert stuck.result().outcomes == ["model_timeout"]

    assert Decision.objects.count() == 6
    assert verify_world("demo").ok
