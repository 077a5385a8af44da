"""What a turn makes of a model's answers: queries, repairs, several calls, repeats, limits."""

import json
from typing import Any, cast

import pytest

from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.journal import JournalEvent
from lifecycle.protocol.names import COMPILE_RESULT_TOOL_NAME, OBSERVATION_TOOL_NAME
from tests.agents.conftest import SetLimits
from tests.agents.running import AGENT, DECIDE, STATUS, Run, move_call, wait_call, wait_text
from tests.scripted_model.answers import Answer, call, calls, json_content, text
from tests.scripted_model.faulty_answers import (
    cut_call,
    empty_content,
    finished,
    legacy_function_call,
    null_arguments,
    null_content,
    object_arguments,
    truncated_call,
    truncated_text,
)
from tests.scripted_model.server import ScriptedModel
from tests.service import decide, found_world

pytestmark = pytest.mark.django_db

WAIT = {"decision": "wait_ticks", "ticks": 1}
UNREADABLE = [
    ("tools", call(DECIDE, '{"decision": "wait_ti'), "truncated"),
    ("tools", call(DECIDE, {"decision": "fly"}), "unknown_decision"),
    ("tools", call("launch_rocket", {}), "unknown_tool"),
    ("tools", null_arguments(DECIDE), "not_an_object"),
    ("tools", null_content(), "no_decision_found"),
    ("tools", cut_call(DECIDE, WAIT, 12), "truncated"),
    ("tools", truncated_call(DECIDE, WAIT, 12), "truncated"),
    ("tools", finished(wait_call(), "length"), "truncated"),
    ("json_schema", json_content({"decision": "wait_ticks"}), "missing_field"),
    ("json_schema", truncated_text(json.dumps(WAIT), 9), "truncated"),
    ("text", empty_content(), "no_decision_found"),
    ("text", text("I shall wait, I think."), "no_decision_found"),
]


def events_of_agents() -> int:
    """Count the events that a run's decisions caused."""
    return JournalEvent.objects.filter(decision_id__isnull=False).count()


@pytest.mark.parametrize(("dialect", "answer", "code"), UNREADABLE)
def test_an_unreadable_answer_goes_back_once_with_what_is_wrong(
    dialect: str, answer: Answer, code: str
) -> None:
    found_world()
    mended = {"tools": wait_call(), "json_schema": json_content(WAIT), "text": wait_text()}

    with ScriptedModel(answer, mended[dialect]) as model:
        run = Run(model, dialect=dialect)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert run.faults == [code, None]
    assert code in model.completions[1].last_content()


@pytest.mark.parametrize(("dialect", "answer", "code"), UNREADABLE)
def test_l27_an_answer_that_stays_unreadable_is_recorded_and_never_run(
    dialect: str, answer: Answer, code: str
) -> None:
    found_world()

    with ScriptedModel(answer, after="repeat") as model:
        run = Run(model, dialect=dialect)

    assert model.faults == []
    assert run.outcomes == [code]
    assert len(model.completions) == 2
    record = Decision.objects.get()
    assert record.status == DecisionStatus.MALFORMED
    assert record.decision_id == run.turns[0]["decision_id"]
    assert events_of_agents() == 0


@pytest.mark.parametrize(
    "answer", [legacy_function_call(DECIDE, WAIT), object_arguments(DECIDE, WAIT), wait_text()]
)
def test_a_decision_in_a_form_of_other_servers_is_one(answer: Answer) -> None:
    found_world()

    with ScriptedModel(answer) as model:
        run = Run(model)

    assert run.outcomes == ["applied"]


def test_several_queries_in_one_answer_are_all_answered() -> None:
    found_world()
    asked = (STATUS, OBSERVATION_TOOL_NAME, COMPILE_RESULT_TOOL_NAME)

    with ScriptedModel(calls([(name, "{}") for name in asked]), wait_call()) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    told = [str(one["content"]) for one in model.completions[1].messages if one["role"] == "tool"]
    assert "artifacts_total" in told[0]
    assert "agents_here" in told[1]
    assert "not_found" in told[2]


def test_a_decision_beside_queries_is_not_run_and_the_model_is_told() -> None:
    found_world()

    with ScriptedModel(
        calls([(DECIDE, {"decision": "move_agent", "to": "hub"}), (STATUS, {})]), wait_call()
    ) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert run.faults == ["decision_with_queries", None]
    told = [str(one["content"]) for one in model.completions[1].messages if one["role"] == "tool"]
    assert "decision not run" in told[0]
    assert "artifacts_total" in told[1]
    assert [row.kind for row in Decision.objects.all()] == ["wait_ticks"]


def test_l27_of_several_decisions_in_one_answer_none_is_run() -> None:
    found_world()

    with ScriptedModel(calls([(DECIDE, WAIT), (DECIDE, WAIT)]), after="repeat") as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["too_many_decisions"]
    assert events_of_agents() == 0


def test_queries_are_bounded_and_the_same_one_is_answered_once() -> None:
    found_world()

    with ScriptedModel(
        calls([(STATUS, {"limit_artifacts": n}) for n in (1, 1, 2, 3, 4)]), wait_call()
    ) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    told = [str(one["content"]) for one in model.completions[1].messages if one["role"] == "tool"]
    assert ["artifacts_total" in one for one in told] == [True, False, True, True, False]
    assert len(model.completions[1].tools) == 1


def test_a_turn_that_never_decides_ends_at_its_last_step() -> None:
    found_world()

    with ScriptedModel(*(call(STATUS, {"limit_artifacts": n}) for n in range(1, 9))) as model:
        run = Run(model)

    assert run.outcomes == ["turn_limit_reached"]
    assert len(model.completions) == 4
    assert Decision.objects.get().status == DecisionStatus.MALFORMED


def test_a_turn_ends_when_its_tokens_are_used_up(set_limits: SetLimits) -> None:
    found_world()
    set_limits(turn_tokens=256)

    with ScriptedModel(call(STATUS, {}), wait_call()) as model:
        run = Run(model)

    assert run.outcomes == ["turn_limit_reached"]
    assert len(model.completions) == 1


def test_a_refused_decision_sent_again_unchanged_goes_back_once() -> None:
    found_world()

    with ScriptedModel(move_call("nowhere"), move_call("nowhere"), move_call("nowhere")) as model:
        run = Run(model, turns=2)

    assert model.faults == []
    assert run.outcomes == ["rejected", "rejected"]
    steps = run.turns[1]["steps"]
    assert [step["fault"] and step["fault"]["code"] for step in steps] == [
        "decision_repeated",
        None,
    ]
    assert Decision.objects.count() == 2


def test_after_three_equal_decisions_the_prompt_asks_to_plan_anew() -> None:
    found_world()

    with ScriptedModel(wait_call(), after="repeat") as model:
        Run(model, turns=4)

    prompts = [str(request.messages) for request in model.completions]
    assert ["# Plan anew" in prompt or "replan" in prompt for prompt in prompts] == [
        False,
        False,
        False,
        True,
    ]


def test_an_agent_cannot_act_for_another_through_its_model() -> None:
    found_world()
    foreign = call(
        DECIDE,
        {
            "decision": "install_module_from_artifact",
            "installer": "agent:bob",
            "module_id": "clock",
            "wasm_hash": "0" * 64,
        },
    )

    with ScriptedModel(foreign, after="repeat") as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["acting_for_another"]
    assert events_of_agents() == 0


def test_l29_history_is_made_of_records_and_well_formed_whatever_was_answered() -> None:
    """The server checks every request as OpenAI does; raw answers stay in the turn's record."""
    found_world()
    broken = '{"decision": "wait", \\ud800 "'

    with ScriptedModel(
        call(DECIDE, broken),
        call(DECIDE, broken),
        calls([(DECIDE, "nul"), (STATUS, "[")]),
        wait_call(),
        wait_call(),
    ) as model:
        run = Run(model, turns=3)

    assert model.faults == []
    assert run.outcomes[1:] == ["applied", "applied"]
    sent = [message for request in model.completions for message in request.messages]
    asked = [
        cast("list[Any]", message["tool_calls"]) for message in sent if "tool_calls" in message
    ]
    assert [json.loads(one["function"]["arguments"]) for listed in asked for one in listed]
    assert broken in json.loads(run.turns[0]["steps"][0]["answer"])["tool_calls"][0]["arguments"]


def test_a_raw_answer_is_kept_up_to_64_kib_a_turn() -> None:
    found_world()

    with ScriptedModel(text("x" * 50_000), text("y" * 50_000)) as model:
        run = Run(model, dialect="text")

    kept = [step["answer"] for step in run.turns[0]["steps"]]
    assert sum(map(len, kept)) == 64 * 1024
    assert [step["answer_cut"] for step in run.turns[0]["steps"]] == [False, True]


def test_the_next_prompt_tells_what_became_of_the_last_decision() -> None:
    found_world()
    decide(AGENT, "move_agent", to="nowhere")

    with ScriptedModel(wait_call()) as model:
        Run(model)

    assert "location_not_found" in str(model.completions[0].messages)
