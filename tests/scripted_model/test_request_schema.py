"""A request has the shape that OpenAI's own types give it: no key more, no other kind of value."""

import pytest

from tests.scripted_model.asking import HELLO, TOOL, function_tool, judged
from tests.scripted_model.checks import refuse_completion

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
WHOLE: dict[str, object] = {
    "messages": [
        {"role": "system", "content": "Answer in JSON."},
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "name": "ada", "content": [{"type": "text", "text": "Hello"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": TOOL, "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "{}"},
        {"role": "assistant", "content": "Done."},
    ],
    "tools": [function_tool(description="Look", parameters=SCHEMA, strict=True)],
    "tool_choice": {"type": "function", "function": {"name": TOOL}},
    "parallel_tool_calls": False,
    "response_format": {"type": "json_schema", "json_schema": {"name": "d", "schema": SCHEMA}},
    "max_completion_tokens": 100,
    "temperature": 1,
    "top_p": 0.5,
    "seed": 7,
    "stop": ["END"],
    "stream": False,
    "user": "worldsim",
    "metadata": {"world": "demo"},
}


def test_a_request_that_uses_all_we_know_is_taken() -> None:
    assert judged(**WHOLE) is None


def test_the_smallest_request_is_taken() -> None:
    assert judged() is None


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"top_k": 3}, "top_k", "unknown_parameter"),
        (
            {"messages": [{**HELLO, "id": 1}]},
            "messages[0].id",
            "unknown_parameter",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "x": 1}]}]},
            "messages[0].content[0].x",
            "unknown_parameter",
        ),
        (
            {"tools": [function_tool(input_schema={})]},
            "tools[0].function.input_schema",
            "unknown_parameter",
        ),
        (
            {"tool_choice": {"type": "function", "function": {"name": TOOL, "x": 1}}},
            "tool_choice.function.x",
            "unknown_parameter",
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "x": 1}}},
            "response_format.json_schema.x",
            "unknown_parameter",
        ),
        ({"messages": [{"content": "a"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        (
            {"tools": [{"type": "function", "function": {}}]},
            "tools[0].function.name",
            "missing_required_parameter",
        ),
        (
            {"messages": [{"role": "tool", "content": "a"}]},
            "messages[0].tool_call_id",
            "missing_required_parameter",
        ),
        ({"messages": [{"role": "agent", "content": "a"}]}, "messages[0]", "invalid_value"),
        ({"tool_choice": "any"}, "tool_choice", "invalid_value"),
        ({"temperature": "1"}, "temperature", "invalid_type"),
        ({"max_tokens": 1.5}, "max_tokens", "invalid_type"),
        ({"messages": {"role": "user"}}, "messages", "invalid_type"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_type"),
        ({"model": None}, "model", "invalid_type"),
        (
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [
                            {
                                "id": "call_1",
                                "type": "function",
                                "function": {"name": TOOL, "arguments": {}},
                            }
                        ],
                    }
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
            "invalid_type",
        ),
    ],
)
def test_a_request_of_another_shape_is_refused_by_name(
    fields: dict[str, object], param: str, code: str
) -> None:
    refusal = judged(**fields)

    assert refusal is not None
    assert (refusal.param, refusal.code, refusal.status) == (param, code, 400)
    assert param in refusal.message


def test_a_stream_is_refused_by_name() -> None:
    refusal = judged(stream=True)

    assert refusal is not None
    assert (refusal.param, refusal.code) == ("stream", "unsupported_value")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a": NaN}', b'{"a": "\\ud800"}', b'{"a": "\xff"}', b"[]", b"null"],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    refusal = refuse_completion(body, "application/json")

    assert refusal is not None
    assert "could not parse the JSON body" in refusal.message


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(content_type: str | None) -> None:
    refusal = refuse_completion(b'{"model": "any"}', content_type)

    assert refusal is not None
    assert "content type" in refusal.message


def test_the_type_may_name_its_characters() -> None:
    body = b'{"model": "any", "messages": [{"role": "user", "content": "Hello"}]}'

    assert refuse_completion(body, "application/json; charset=utf-8") is None
