"""Tools, formats and settings keep to the rules that OpenAI enforces beyond its types."""

import pytest

from tests.scripted_model.asking import HELLO, TOOL, function_tool, judged

LOOSE = {"type": "object", "properties": {"files": {"type": "object"}}}


def schema_format(**fields: object) -> dict[str, object]:
    """Give a response format of a JSON schema."""
    return {"type": "json_schema", "json_schema": {"name": "decision", **fields}}


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [function_tool()]},
        {"tools": [function_tool(parameters={})]},
        {"tools": [function_tool(parameters=LOOSE)]},
        {"tools": [function_tool(parameters=LOOSE, strict=False)]},
        {"tools": [function_tool("a" * 64), function_tool("b-C_9")], "tool_choice": "required"},
        {"response_format": schema_format(schema={"oneOf": []}, strict=False)},
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "text"}},
        {"logprobs": True, "top_logprobs": 2},
        {"temperature": 2, "top_p": 0, "max_tokens": 1, "stop": "END"},
        {"max_tokens": None, "max_completion_tokens": 10},
    ],
)
def test_what_openai_takes_is_taken(fields: dict[str, object]) -> None:
    assert judged(**fields) is None


@pytest.mark.parametrize(
    ("fields", "param", "told"),
    [
        ({"tools": []}, "tools", "empty array"),
        ({"tools": [function_tool(f"t{n}") for n in range(129)]}, "tools", "too long"),
        (
            {"tools": [function_tool("module.lifecycle.status")]},
            "tools[0].function.name",
            "does not match pattern",
        ),
        ({"tools": [function_tool("a" * 65)]}, "tools[0].function.name", "does not match"),
        ({"tools": [function_tool("")]}, "tools[0].function.name", "does not match"),
        (
            {"tools": [function_tool(), function_tool()]},
            "tools[1].function.name",
            "names another tool too",
        ),
        (
            {"tools": [function_tool(description="a" * 1025)]},
            "tools[0].function.description",
            "maximum length 1024",
        ),
        (
            {"tools": [function_tool(parameters={"type": "text", "properties": {}})]},
            "tools[0].function.parameters",
            "'text' is not valid",
        ),
        (
            {"tools": [function_tool(parameters={"properties": {}})]},
            "tools[0].function.parameters",
            "got 'type: None'",
        ),
        (
            {"tools": [function_tool(parameters={"type": "object"})]},
            "tools[0].function.parameters",
            "object schema missing properties",
        ),
        (
            {"tools": [function_tool(parameters={**LOOSE, "oneOf": [{}]})]},
            "tools[0].function.parameters",
            "at the top level",
        ),
        (
            {"tools": [function_tool(parameters=LOOSE, strict=True)]},
            "tools[0].function.parameters",
            f"Invalid schema for function '{TOOL}'",
        ),
        (
            {"tools": [function_tool(parameters={}, strict=True)]},
            "tools[0].function.parameters",
            f"Invalid schema for function '{TOOL}'",
        ),
        ({"tool_choice": "auto"}, "tool_choice", "only allowed when 'tools'"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls", "only allowed when 'tools'"),
        (
            {
                "tools": [function_tool()],
                "tool_choice": {"type": "function", "function": {"name": "other"}},
            },
            "tool_choice",
            "'other' not found",
        ),
        (
            {"response_format": schema_format(name="a decision", schema={})},
            "response_format.json_schema.name",
            "does not match pattern",
        ),
        (
            {"response_format": schema_format(strict=True)},
            "response_format.json_schema.schema",
            "Missing required",
        ),
        (
            {"response_format": schema_format(schema=LOOSE, strict=True)},
            "response_format",
            "Invalid schema for response_format 'decision'",
        ),
        (
            {
                "response_format": {"type": "json_object"},
                "messages": [{**HELLO, "content": [{"type": "text", "text": "Hello"}]}],
            },
            "messages",
            "must contain the word 'json'",
        ),
        ({"temperature": 2.1}, "temperature", "not in the range"),
        ({"top_p": -0.1}, "top_p", "not in the range"),
        ({"n": 0}, "n", "not in the range"),
        ({"max_tokens": 0}, "max_tokens", "not in the range"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "at the same time"),
        ({"top_logprobs": 2}, "top_logprobs", "'logprobs' is enabled"),
        ({"stream_options": {}}, "stream_options", "'stream' is enabled"),
        ({"stop": ["a"] * 5}, "stop", "too long"),
        ({"metadata": {"a": "b" * 513}}, "metadata", "too large"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "too large"),
    ],
)
def test_what_openai_refuses_is_refused_by_name(
    fields: dict[str, object], param: str, told: str
) -> None:
    refusal = judged(**fields)

    assert refusal is not None
    assert refusal.param == param
    assert told in refusal.message
