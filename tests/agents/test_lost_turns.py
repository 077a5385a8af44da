"""Runs in the queue, and workers that die over a turn: none is missing, none counts twice."""

import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from lifecycle.access.callers import SeenWorld, get_any_world
from lifecycle.agents import runner
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.runs import AgentRun, AgentTurn
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.errors import InvalidKeyError
from lifecycle.usecases.queries.runs import get_run, turns_page
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import (
    claim_turn,
    end_turn,
    look_at_turns,
    reap_runs,
    start_run,
    stop_run,
)
from lifecycle.usecases.submit import submit
from lifecycle.usecases.turns import Recorded, submission_of, turn_key
from lifecycle.usecases.verify import verify_world
from tests.agents.conftest import SetLimits, StartWorker
from tests.agents.running import Run, wait_call
from tests.programs import eventually
from tests.scripted_model.faulty_replies import stalled
from tests.scripted_model.server import ScriptedModel
from tests.service import compile_source, found_world
from tests.usecases.histories import BAD_WAT, job_of

FOREVER_S = 60
DEAD_URL = "http://127.0.0.1:9/v1"


def begin(base_url: str = DEAD_URL, turns: int = 3, **fields: Any) -> AgentRun:  # noqa: ANN401 - of a request
    """Start a run in the queue."""
    return start_run(RunRequest("demo", "ada", "scripted", base_url, turns=turns, **fields))


def state_of(run: AgentRun) -> str:
    """Give where a run is now."""
    run.refresh_from_db()
    return run.state


def outcomes_of(run: AgentRun) -> list[str | None]:
    """Give the outcome of each of a run's turns, in order."""
    rows = turns_page(seen(), run.run_id, limit=1000).rows
    return [turn["outcome"] for turn in reversed(rows)]


def seen() -> SeenWorld:
    """Give the world."""
    return get_any_world("demo")


def let_leases_expire() -> None:
    """Make every lease one that expired, and every run one that was queued long ago."""
    with connection.cursor() as cursor:
        past = "2020-01-01 00:00:00+00:00"
        cursor.execute("UPDATE lifecycle_agentrun SET enqueued_at = %s", [past])
        cursor.execute(
            "UPDATE lifecycle_agentrun SET lease_expires_at = %s WHERE lease_token IS NOT NULL",
            [past],
        )


def submitted(run: AgentRun, number: int, lease: Any) -> str:  # noqa: ANN401 - a lease
    """Submit a turn's decision as its holder does; give its id."""
    parsed = parse_decision(b'{"decision": "wait"}')
    assert not isinstance(parsed, Malformed)
    outcome = submit(submission_of(lease.owner, number, "", None), parsed)
    assert Decision.objects.get().idempotency_key == turn_key(run.run_id, number)
    return outcome.decision_id or ""


def test_a_killed_workers_turn_is_recorded_as_lost_and_the_run_goes_on(
    start_worker: StartWorker,
) -> None:
    found_world()

    with ScriptedModel(
        wait_call(), stalled(wait_call(), FOREVER_S), wait_call(), after="repeat"
    ) as model:
        run = begin(model.base_url, turns=4)
        first = start_worker()
        assert eventually(lambda: len(model.completions) == 2), first.said()
        first.stop(signal.SIGKILL)
        second = start_worker()
        assert eventually(lambda: state_of(run) == "finished"), second.said()

    assert outcomes_of(run) == ["applied", "turn_lost", "applied", "applied"]
    assert list(AgentTurn.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    decisions = Decision.objects.values_list("decision_id", flat=True)
    assert set(AgentTurn.objects.values_list("decision_id", flat=True)) == set(decisions)
    assert verify_world("demo").ok


def test_a_worker_that_is_told_to_stop_ends_its_turn_and_a_run_stops_when_told(
    start_worker: StartWorker,
) -> None:
    found_world()

    with ScriptedModel(stalled(wait_call(), FOREVER_S), after="repeat") as model:
        run = begin(model.base_url, turns=9)
        worker = start_worker()
        assert eventually(lambda: len(model.completions) == 1), worker.said()
        assert stop_run(seen(), run.run_id) == "stopping"
        assert worker.stop(signal.SIGINT, timeout_s=15) == 0

    assert eventually(lambda: state_of(run) == "stopped", within_s=5), worker.said()
    assert outcomes_of(run) == ["turn_lost"]


@pytest.mark.django_db
def test_a_lost_turn_whose_decision_was_submitted_adopts_it() -> None:
    found_world()
    run = begin()
    lost = claim_turn(run.pk)
    assert lost is not None
    decision_id = submitted(run, 1, lost)
    let_leases_expire()

    taken = claim_turn(run.pk)

    assert taken is not None
    assert taken.number == 2
    turn = AgentTurn.objects.get(number=1)
    assert (turn.outcome, turn.decision_id) == ("applied", decision_id)
    assert Decision.objects.count() == 1
    assert end_turn(lost, Recorded(decision_id, "applied"), "applied", answered=True) == "discarded"


@pytest.mark.django_db
def test_a_turn_is_taken_by_one_holder_at_a_time() -> None:
    found_world()
    run = begin()

    first, second = claim_turn(run.pk), claim_turn(run.pk)

    assert first is not None
    assert second is None


@pytest.mark.django_db
def test_a_run_that_the_queue_forgot_is_handed_out_again(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    found_world()
    begin()
    assert reap_runs() == 0
    let_leases_expire()

    with django_capture_on_commit_callbacks() as callbacks:
        assert reap_runs() == 1

    assert len(callbacks) == 1


@pytest.mark.django_db
def test_a_foreground_run_whose_process_is_gone_ends_as_failed() -> None:
    found_world()
    run = begin(foreground=True)
    assert claim_turn(run.pk) is None
    assert claim_turn(run.pk, run.lease_token) is not None
    let_leases_expire()

    assert reap_runs() == 1

    document = get_run(seen(), run.run_id)
    assert (document["state"], document["reason"]) == ("failed", "turn_lost")
    assert outcomes_of(run) == ["turn_lost"]
    assert Decision.objects.get().status == DecisionStatus.MALFORMED


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["api", "mcp", "notebook", "command"])
def test_nobody_takes_the_key_of_a_turn_before_it(channel: str) -> None:
    found_world()
    run = begin()
    lease = claim_turn(run.pk)
    assert lease is not None
    parsed = parse_decision(b'{"decision": "wait"}')
    assert not isinstance(parsed, Malformed)
    own = submission_of(lease.owner, 1, "", None)

    with pytest.raises(InvalidKeyError):
        submit(own._replace(channel=channel), parsed)

    assert Decision.objects.count() == 0
    assert submitted(run, 1, lease)


@pytest.mark.django_db
def test_turns_of_run_agent_do_not_hide_that_the_queue_takes_none() -> None:
    found_world("demo", "ada", "bob")
    waiting = begin()
    by_hand = RunRequest("demo", "bob", "scripted", DEAD_URL, foreground=True)
    before = look_at_turns()

    foreground = start_run(by_hand)
    assert claim_turn(foreground.pk, foreground.lease_token) is not None

    assert look_at_turns() == before == (True, 0)
    assert claim_turn(waiting.pk) is not None
    waits, newest = look_at_turns()
    assert not waits
    assert newest > 0


@pytest.mark.django_db
def test_a_run_between_turns_stops_at_once() -> None:
    found_world()
    run = begin()

    assert stop_run(seen(), run.run_id) == "stopped"
    assert stop_run(seen(), run.run_id) == "stopped"
    assert claim_turn(run.pk) is None


@pytest.mark.django_db
def test_a_turn_waits_for_the_agents_own_compile_and_tells_its_result(
    set_limits: SetLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait is bounded, and a model is asked with what the compile came to."""
    found_world()
    set_limits(lease_seconds=3)
    outcome = compile_source("ada", "clock", "clock.wat", {"clock.wat": BAD_WAT})
    monkeypatch.setattr(runner, "COMPILE_WAIT_SECONDS", 0.3)

    with ScriptedModel(wait_call(), after="repeat") as model:
        Run(model)
        assert run_job(job_of(outcome).pk) == "failed"
        Run(model)

    before, after = (str(request.messages) for request in model.completions)
    assert "compile_failed" not in before
    assert "compile_failed" in after
    assert "(module (func (export" in after
