"""Each way in which a model leaves the protocol reaches a client as it was meant."""

import json

import pytest

from tests.scripted_model import faulty_answers as faulty
from tests.scripted_model.answers import Answer, call, text
from tests.scripted_model.asking import TOOL, ask, function_of, message_of
from tests.scripted_model.faulty_replies import html
from tests.scripted_model.server import ScriptedModel

DECISION = {"decision": "wait", "ticks": 2}
WRITTEN = '{"decision": "wait", "ticks": 2}'


def finish_reason_of(answer: Answer) -> str:
    with ScriptedModel(answer) as model:
        return ask(model).choices[0].finish_reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (faulty.truncated_call(TOOL, DECISION, 12), "length"),
        (faulty.cut_call(TOOL, DECISION, 12), "tool_calls"),
        (faulty.cut_call(TOOL, DECISION, 12, "stop"), "stop"),
    ],
)
def test_a_cut_call_breaks_off_and_gives_the_reason_it_was_told(
    answer: Answer, reason: str
) -> None:
    assert function_of(answer).arguments == WRITTEN[:12]
    assert finish_reason_of(answer) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (faulty.truncated_text(WRITTEN, 12), "length"),
        (faulty.cut_text(WRITTEN, 12), "stop"),
    ],
)
def test_a_cut_text_breaks_off_and_gives_the_reason_it_was_told(
    answer: Answer, reason: str
) -> None:
    assert message_of(answer).content == WRITTEN[:12]
    assert finish_reason_of(answer) == reason


def test_a_whole_answer_can_be_given_another_reason_to_finish() -> None:
    answer = faulty.finished(call(TOOL, DECISION), "length")

    assert function_of(answer).arguments == WRITTEN
    assert finish_reason_of(answer) == "length"


def test_a_page_has_no_reason_to_finish() -> None:
    with pytest.raises(TypeError):
        faulty.finished(html(), "stop")


@pytest.mark.parametrize(
    ("answer", "arguments"),
    [
        (faulty.double_encoded(TOOL, DECISION), json.dumps(WRITTEN)),
        (faulty.double_encoded(TOOL, DECISION, times=3), json.dumps(json.dumps(WRITTEN))),
        (faulty.odd_key(TOOL, DECISION, "input"), json.dumps({"input": DECISION})),
        (
            faulty.empty_optionals(TOOL, DECISION, ["module_id", "to"]),
            json.dumps({"module_id": "", "to": "", **DECISION}),
        ),
        (
            faulty.null_optionals(TOOL, DECISION, ["module_id"]),
            json.dumps({"module_id": None, **DECISION}),
        ),
        (faulty.trailing_comma(TOOL, DECISION), '{"decision": "wait", "ticks": 2,}'),
        (
            faulty.bare_constant(TOOL, DECISION, "ticks", "-Infinity"),
            '{"ticks": -Infinity, "decision": "wait"}',
        ),
        (
            faulty.long_integer(TOOL, DECISION, "ticks"),
            '{"ticks": 1234567890123456789, "decision": "wait"}',
        ),
        (
            faulty.lone_surrogate(TOOL, {"to": "hub"}, "to"),
            '{"to": "half \\ud800 of a pair"}',
        ),
    ],
)
def test_faulty_arguments_arrive_letter_by_letter(answer: Answer, arguments: str) -> None:
    assert function_of(answer).arguments == arguments


@pytest.mark.parametrize(
    ("answer", "arguments"),
    [
        (faulty.null_arguments(TOOL), None),
        (faulty.object_arguments(TOOL, DECISION), DECISION),
    ],
)
def test_arguments_that_are_no_text_arrive_as_they_are(answer: Answer, arguments: object) -> None:
    found: object = function_of(answer).arguments

    assert found == arguments


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (faulty.dotted("module_lifecycle_status", {}), "module.lifecycle.status"),
        (faulty.dotted("module_lifecycle_status", {}, "-"), "module-lifecycle-status"),
        (faulty.decorated(TOOL, {}), "functions.world_observation"),
        (faulty.decorated(TOOL, {}, "{}_tool"), "world_observation_tool"),
        (faulty.camel_case(TOOL, {}), "WorldObservation"),
    ],
)
def test_a_tool_is_called_by_a_name_it_does_not_have(answer: Answer, name: str) -> None:
    assert function_of(answer).name == name


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (
            faulty.fenced(1, before="A {brace:", after="Done."),
            "A {brace:\n\n```json\n1\n```\nDone.",
        ),
        (faulty.fenced(1, before="", language=""), "```\n1\n```"),
        (
            faulty.two_fences(1, 2),
            "Either this:\n```json\n1\n```\nor that:\n```json\n2\n```",
        ),
        (faulty.thinking("{}", "Hm."), "<think>Hm.</think>\n{}"),
        (
            faulty.unclosed_thinking("{}", "thought"),
            f"<thought>{faulty.THOUGHT}\n{{}}",
        ),
        (
            faulty.call_in_text(TOOL, {}),
            '<tool_call>\n{"name": "world_observation", "arguments": {}}\n</tool_call>',
        ),
        (faulty.empty_content(), ""),
        (faulty.null_content(), None),
    ],
)
def test_faulty_content_arrives_letter_by_letter(answer: Answer, content: str | None) -> None:
    assert message_of(answer).content == content


def test_a_thought_can_have_a_field_of_its_own() -> None:
    message = message_of(faulty.reasoned(text("Hello"), "Hm."))

    assert message.content == "Hello"
    assert message.model_extra == {"reasoning_content": "Hm."}


def test_a_refusal_has_its_own_field_and_no_content() -> None:
    message = message_of(faulty.refused("No."))

    assert (message.refusal, message.content) == ("No.", None)


def test_a_filter_ends_an_answer_by_its_own_reason() -> None:
    assert finish_reason_of(faulty.content_filtered()) == "content_filter"


def test_an_answer_can_have_no_choice() -> None:
    with ScriptedModel(faulty.no_choices()) as model:
        assert ask(model).choices == []


def test_the_old_form_of_a_call_stands_in_its_old_field() -> None:
    made = message_of(faulty.legacy_function_call(TOOL, DECISION)).function_call

    assert made is not None
    assert (made.name, made.arguments) == (TOOL, WRITTEN)
