"""`run_agent`: a line a turn, Ctrl-C after the current one, exit status by what came of it."""

import json
import signal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lifecycle.access.callers import get_any_world
from lifecycle.models.decisions import Decision
from lifecycle.models.runs import AgentRun
from lifecycle.protocol.wording import describe
from lifecycle.usecases.queries.runs import runs_of
from tests.programs import Running, environment, eventually
from tests.scripted_model.answers import call
from tests.scripted_model.faulty_answers import refused
from tests.scripted_model.faulty_replies import stalled
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world
from tests.serving import database_in

WAIT = call("agent_submit_decision", {"decision": "wait"})


def options(model: ScriptedModel, *more: str) -> list[str]:
    """Give the arguments of a run by a scripted model."""
    who = ["--world", "demo", "--agent", "ada", "--model", "any", "--base-url", model.base_url]
    return ["run_agent", *who, *more]


@pytest.mark.django_db
def test_each_turn_is_a_line_with_its_outcome_and_decision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found_world()

    with ScriptedModel(WAIT, refused(), WAIT) as model:
        call_command(*options(model, "--turns", "3", "--goal", "Wait well."))

    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if not line.startswith(" ")]
    assert "1 call, " in lines[0]
    [reason] = [line.strip() for line in told.splitlines() if line.startswith(" ")]
    assert reason.startswith(describe("model_refused", None, {}).message[:12])
    decisions = Decision.objects.order_by("pk").values_list("decision_id", flat=True)
    assert [line.split()[:4] for line in lines[:3]] == [
        ["turn", str(number), outcome, decision_id]
        for number, outcome, decision_id in zip(
            (1, 2, 3), ("applied", "model_refused", "applied"), decisions, strict=True
        )
    ]
    assert lines[3].endswith("finished after 3 turns, 2 of 3 decided")


@pytest.mark.django_db
def test_json_gives_the_run_and_its_turns(capsys: pytest.CaptureFixture[str]) -> None:
    found_world()

    with ScriptedModel(WAIT) as model:
        call_command(*options(model, "--json"))

    document = json.loads(capsys.readouterr().out)
    assert document["state"] == "finished"
    [turn] = document["turns"]
    assert turn["steps"][0]["usage"]["tokens_in"] > 0


@pytest.mark.django_db
def test_a_run_that_comes_to_nothing_fails_with_status_1() -> None:
    found_world()

    with ScriptedModel(refused()) as model, pytest.raises(CommandError) as failure:
        call_command(*options(model))

    assert failure.value.returncode == 1


@pytest.mark.django_db
def test_an_unsound_address_is_refused_in_words() -> None:
    found_world()

    with ScriptedModel() as model, pytest.raises(CommandError, match="base_url"):
        call_command(*options(model, "--base-url", "models.example.org"))


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_the_run_after_the_current_turn(tmp_path: Path) -> None:
    found_world()

    with ScriptedModel(stalled(WAIT, 2), after="repeat") as model:
        env = environment(tmp_path, database_in(tmp_path))
        command = Running(env, tmp_path / "log", *options(model, "--turns", "9"))
        try:
            assert eventually(lambda: len(model.completions) == 1), command.said()
            status = command.stop(signal.SIGINT)
        finally:
            command.make_sure_it_is_gone()

    assert status == 0, command.said()
    [run] = runs_of(get_any_world("demo"))
    assert (run["state"], run["turns_taken"]) == ("stopped", 1)
    assert Decision.objects.count() == 1
    assert "stopped after 1 turn" in command.said()


@pytest.mark.django_db(transaction=True)
def test_a_second_ctrl_c_ends_it_at_once_and_the_turn_is_recorded_as_lost(tmp_path: Path) -> None:
    found_world()

    with ScriptedModel(stalled(WAIT, 60), after="repeat") as model:
        env = environment(tmp_path, database_in(tmp_path))
        command = Running(env, tmp_path / "log", *options(model, "--turns", "9"))
        try:
            assert eventually(lambda: len(model.completions) == 1), command.said()
            command.process.send_signal(signal.SIGINT)
            assert eventually(lambda: "again" in command.said())
            status = command.stop(signal.SIGINT, timeout_s=15)
        finally:
            command.make_sure_it_is_gone()

    assert status == 130, command.said()
    assert "recorded as lost" in command.said()
    run = AgentRun.objects.get()
    assert (run.state, run.turns_taken) == ("failed", 1)
    assert '"turn_lost"' in (Decision.objects.get().rejection or "")
