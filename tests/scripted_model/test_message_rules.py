"""A conversation keeps to the rules that OpenAI enforces beyond its types."""

import pytest

from tests.scripted_model.asking import HELLO, TOOL, judged


def asked(*call_ids: str, arguments: str = "{}", name: str = TOOL) -> dict[str, object]:
    """Give an assistant's message that calls a tool once for each id."""
    function = {"name": name, "arguments": arguments}
    calls = [{"id": call_id, "type": "function", "function": function} for call_id in call_ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def answered(call_id: str) -> dict[str, object]:
    """Give the tool's message to a call."""
    return {"role": "tool", "tool_call_id": call_id, "content": "{}"}


@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, asked("a"), answered("a")],
        [HELLO, asked("a", "b"), answered("b"), answered("a"), HELLO],
        [HELLO, asked("a"), answered("a"), asked("a"), answered("a")],
        [HELLO, {"role": "assistant", "content": "", "refusal": "No."}],
    ],
    ids=["one", "two, in another order", "an id of an earlier message", "a refusal"],
)
def test_calls_with_an_answer_to_each_are_taken(messages: list[object]) -> None:
    assert judged(messages=messages) is None


@pytest.mark.parametrize(
    ("messages", "param", "told"),
    [
        ([], "messages", "empty array"),
        ([HELLO, asked("a")], "messages[2].role", "did not have response messages: a"),
        (
            [HELLO, asked("a", "b"), answered("a"), HELLO, answered("b")],
            "messages[3].role",
            "did not have response messages: b",
        ),
        (
            [HELLO, asked("a"), asked("b"), answered("b")],
            "messages[2].role",
            "did not have response messages: a",
        ),
        ([HELLO, answered("a")], "messages[1].role", "must be a response to a preceding message"),
        (
            [HELLO, asked("a"), answered("a"), HELLO, answered("a")],
            "messages[4].role",
            "must be a response to a preceding message",
        ),
        (
            [HELLO, asked("a"), answered("b"), answered("a")],
            "messages[2].tool_call_id",
            "'b' not found",
        ),
        (
            [HELLO, asked("a"), answered("a"), answered("a")],
            "messages[3].tool_call_id",
            "Duplicate",
        ),
        ([HELLO, asked("a", "a"), answered("a")], "messages[1].tool_calls[1].id", "Duplicate"),
        ([HELLO, asked(""), answered("")], "messages[1].tool_calls[0].id", "1 to 40 characters"),
        (
            [HELLO, asked("a" * 41), answered("a" * 41)],
            "messages[1].tool_calls[0].id",
            "1 to 40 characters",
        ),
        (
            [HELLO, asked("a", arguments='{"a": 1,}'), answered("a")],
            "messages[1].tool_calls[0].function.arguments",
            "not valid JSON",
        ),
        (
            [HELLO, asked("a", arguments='{"a": NaN}'), answered("a")],
            "messages[1].tool_calls[0].function.arguments",
            "not valid JSON",
        ),
        (
            [HELLO, asked("a", arguments='"{}"'), answered("a")],
            "messages[1].tool_calls[0].function.arguments",
            "not str",
        ),
        (
            [HELLO, asked("a", name="module.lifecycle.status"), answered("a")],
            "messages[1].tool_calls[0].function.name",
            "does not match",
        ),
        ([HELLO, {"role": "assistant"}], "messages[1].content", "got null"),
        ([HELLO, asked()], "messages[1].content", "got null"),
        (
            [HELLO, {"role": "assistant", "content": "a", "tool_calls": []}],
            "messages[1].tool_calls",
            "empty array",
        ),
        ([{"role": "user", "content": []}], "messages[0].content", "empty array"),
    ],
)
def test_a_conversation_that_breaks_a_rule_is_refused_by_name(
    messages: list[object], param: str, told: str
) -> None:
    refusal = judged(messages=messages)

    assert refusal is not None
    assert refusal.param == param
    assert told in refusal.message
