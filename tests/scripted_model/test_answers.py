"""Answers of a model that behaves are what OpenAI's own types say, and reach a client whole."""

import asyncio
import json

import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion

from tests.scripted_model.answers import Answer, Completion, call, calls, json_content, say, text
from tests.scripted_model.asking import TOOL, ask, function_of, message_of
from tests.scripted_model.server import ScriptedModel

BEHAVED = [
    text("Hello"),
    json_content({"decision": "wait", "ticks": 1}),
    call(TOOL, {}),
    calls([(TOOL, {"radius": 1}), ("world_rules_guide", "{}")], content="Two at once."),
]


@pytest.mark.parametrize("answer", BEHAVED)
def test_a_behaved_answer_keeps_to_openais_types(answer: Answer) -> None:
    with ScriptedModel(answer) as model:
        completion = ask(model)

    document = json.loads(completion.model_dump_json(exclude_unset=True))
    ChatCompletion.model_validate_json(json.dumps(document), strict=True)
    assert model.faults == []


def test_text_arrives_as_it_was_said() -> None:
    assert message_of(text("Grüße, 世界 \n")).content == "Grüße, 世界 \n"


def test_json_content_is_json() -> None:
    content = message_of(json_content({"decision": "wait"})).content or ""

    assert json.loads(content) == {"decision": "wait"}


def test_arguments_given_as_an_object_are_sent_as_text() -> None:
    assert json.loads(function_of(call(TOOL, {"radius": 3})).arguments) == {"radius": 3}


def test_arguments_given_as_text_are_sent_as_they_are() -> None:
    assert function_of(call(TOOL, "{'radius': 3")).arguments == "{'radius': 3"


def test_several_calls_keep_their_order_and_their_ids() -> None:
    answer = calls([(TOOL, {}), ("compile_result", {})], call_ids=["call_a", "call_a"])

    made = message_of(answer).tool_calls or []

    assert [(one.id, one.function.name) for one in made if one.type == "function"] == [
        ("call_a", TOOL),
        ("call_a", "compile_result"),
    ]


def test_calls_without_ids_get_ids_that_no_other_call_has() -> None:
    two = calls([(TOOL, {}), (TOOL, {})])

    with ScriptedModel(two, two) as model:
        made = [one.id for _ in range(2) for one in ask(model).choices[0].message.tool_calls or []]

    assert len(set(made)) == 4


def test_an_answer_says_which_model_was_asked_and_what_it_cost() -> None:
    with ScriptedModel(say(Completion(content="Hello", usage=(70, 5)))) as model:
        completion = ask(model)

    assert completion.model == "any"
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.total_tokens) == (70, 75)


async def _asked(model: ScriptedModel) -> str | None:
    async with AsyncOpenAI(base_url=model.base_url, api_key="sk", max_retries=0) as client:
        completion = await client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Hello"}]
        )
    return completion.choices[0].message.content


def test_the_client_of_event_loops_is_answered_too() -> None:
    with ScriptedModel(text("Hello")) as model:
        assert asyncio.run(_asked(model)) == "Hello"
