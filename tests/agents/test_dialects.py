"""A model that behaves, asked in each of the three ways, over real HTTP."""

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.models.decisions import Decision
from lifecycle.usecases.queries.decisions import decisions_page
from lifecycle.usecases.turns import get_prompt
from lifecycle.usecases.verify import verify_world
from tests.agents.running import DECIDE, STATUS, Run, wait_call, wait_text
from tests.scripted_model.answers import Answer, call, json_content, text
from tests.scripted_model.faulty_replies import bad_request
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world

pytestmark = pytest.mark.django_db

ANSWERS = {
    "tools": wait_call(3),
    "json_schema": json_content({"decision": "wait_ticks", "ticks": 3}),
    "text": wait_text(3),
}


@pytest.mark.parametrize("dialect", ANSWERS)
def test_one_answer_becomes_one_applied_decision(dialect: str) -> None:
    found_world()

    with ScriptedModel(ANSWERS[dialect]) as model:
        run = Run(model, dialect=dialect)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert run.document["state"] == "finished"
    [decision] = decisions_page(get_any_world("demo"), limit=9).rows
    assert decision["id"] == run.turns[0]["decision_id"]
    assert decision["channel"] == "runner"
    assert decision["decision"] == {"decision": "wait_ticks", "ticks": 3}
    assert decision["prompt_digest"] == run.turns[0]["prompt_digest"]
    assert verify_world("demo").ok


@pytest.mark.parametrize("strict", [False, True])
def test_tools_are_published_in_both_forms_as_openai_wants_them(strict: bool) -> None:  # noqa: FBT001 - a case
    found_world()

    with ScriptedModel(wait_call()) as model:
        run = Run(model, strict=strict)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    [request] = model.completions
    assert len(request.tools) == 5
    assert request.document["tool_choice"] == "required"


def test_the_prompt_that_was_sent_is_kept_under_its_digest() -> None:
    found_world()

    with ScriptedModel(wait_call()) as model:
        run = Run(model, goal="Find the well.")

    digest = Decision.objects.get().prompt_digest
    assert digest == run.turns[0]["prompt_digest"]
    assert get_prompt(digest or "") == model.completions[0].messages
    assert "Find the well." in str(get_prompt(digest or ""))


@pytest.mark.parametrize(
    ("dialect", "question", "answer"),
    [
        ("tools", call(STATUS, {"limit_artifacts": 4}), wait_call()),
        ("text", text('{"tool": "module_lifecycle_status", "arguments": {}}'), wait_text()),
    ],
)
def test_a_query_is_answered_before_the_decision(
    dialect: str, question: Answer, answer: Answer
) -> None:
    found_world()

    with ScriptedModel(question, answer) as model:
        run = Run(model, dialect=dialect)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert "artifacts_total" in model.completions[1].last_content()
    first, second = run.turns[0]["steps"]
    assert first["queries"][0]["tool"] == STATUS
    assert second["tools"] == [DECIDE]


def test_l25_a_name_in_another_spelling_is_one_name_from_then_on() -> None:
    """The alias is resolved once: for what is run, for the record and for what is sent back."""
    found_world()

    with ScriptedModel(
        call("functions.module.lifecycle.status", {}),
        call("AgentSubmitDecision", {"decision": "wait"}),
    ) as model:
        run = Run(model)

    assert model.faults == []
    assert run.outcomes == ["applied"]
    assert [step["tools"] for step in run.turns[0]["steps"]] == [[STATUS], [DECIDE]]
    assert "functions.module" not in str(model.completions[1].messages)
    assert STATUS in str(model.completions[1].messages[-2])


def test_a_server_that_knows_only_the_newer_limit_is_asked_with_it() -> None:
    found_world()
    told = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."

    with ScriptedModel(
        bad_request(told, "max_tokens", "unsupported_parameter"), wait_call()
    ) as model:
        run = Run(model)

    assert run.outcomes == ["applied"]
    assert "max_completion_tokens" in model.completions[1].document
    assert "max_tokens" not in model.completions[1].document
