"""The tools' definitions in each form, from the one source, and what the strict modes demand."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.names import DECISION_NAMES, TOOL_NAME, TOOL_NAMES
from lifecycle.protocol.parser import Parsed, parse_call
from lifecycle.protocol.schema import json_types, tool_parameters_schema
from lifecycle.protocol.tools import ToolFormat, strict_answer_schema, tool_definitions, tools
from tests.protocol.bodies import ALL

# What OpenAI's strict mode takes, by its documentation; it refuses the whole list otherwise.
STRICT_KEYS = {
    "type",
    "description",
    "enum",
    "properties",
    "required",
    "items",
    "minimum",
    "maximum",
    "additionalProperties",
}


def schemas_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a schema and all of those inside of it."""
    yield schema
    for field in schema.get("properties", {}).values():
        yield from schemas_in(field)
    if "items" in schema:
        yield from schemas_in(schema["items"])


def parameters_of(form: ToolFormat, *, strict: bool) -> dict[str, dict[str, Any]]:
    """Give each tool's schema of arguments in one form."""
    listed = tool_definitions(form, strict=strict)
    match form:
        case ToolFormat.JSON_SCHEMA:
            return dict(listed)
        case ToolFormat.OPENAI:
            assert all(tool["type"] == "function" for tool in listed)
            functions = [tool["function"] for tool in listed]
            return {tool["name"]: tool["parameters"] for tool in functions}
        case ToolFormat.ANTHROPIC:
            return {tool["name"]: tool["input_schema"] for tool in listed}
        case ToolFormat.MCP:
            return {tool["name"]: tool["inputSchema"] for tool in listed}


@pytest.mark.parametrize("form", ToolFormat)
@pytest.mark.parametrize("strict", [False, True])
def test_l21_each_form_holds_every_tool_under_a_plain_name(form: ToolFormat, strict: bool) -> None:  # noqa: FBT001
    listed = parameters_of(form, strict=strict)

    assert tuple(listed) == TOOL_NAMES
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", name) for name in listed)
    for schema in listed.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"


@pytest.mark.parametrize("form", ToolFormat)
def test_l11_a_strict_schema_requires_every_field_and_knows_no_other_keyword(
    form: ToolFormat,
) -> None:
    for parameters in parameters_of(form, strict=True).values():
        for schema in schemas_in(parameters):
            assert set(schema) <= STRICT_KEYS
            if schema["type"] == "object":
                assert schema["required"] == list(schema["properties"])
                assert schema["additionalProperties"] is False


def test_openai_and_anthropic_are_told_that_a_schema_is_strict() -> None:
    openai = tool_definitions(ToolFormat.OPENAI, strict=True)
    anthropic = tool_definitions(ToolFormat.ANTHROPIC, strict=True)

    assert all(tool["function"]["strict"] is True for tool in openai)
    assert all(tool["strict"] is True for tool in anthropic)
    assert not any("strict" in tool["function"] for tool in tool_definitions(ToolFormat.OPENAI))
    assert not any("strict" in tool for tool in tool_definitions(ToolFormat.ANTHROPIC))


def test_a_client_of_mcp_is_told_which_tools_only_ask() -> None:
    listed = tool_definitions(ToolFormat.MCP)

    asks = {tool["name"]: tool["annotations"]["readOnlyHint"] for tool in listed}
    assert asks == {name: name != TOOL_NAME for name in TOOL_NAMES}


def test_a_description_tells_each_tool() -> None:
    assert all(tool.description.endswith(".") for tool in tools())


@pytest.mark.parametrize("body", ALL, ids=lambda body: body["decision"])
def test_l11_what_a_strict_schema_allows_is_the_same_decision(body: dict[str, Any]) -> None:
    [strict] = [tool.strict for tool in tools() if tool.name == TOOL_NAME]
    filled = {**dict.fromkeys(strict["properties"]), **body}
    if "source_files" in body:
        files = body["source_files"].items()
        filled["source_files"] = [{"path": path, "content": text} for path, text in files]
    jsonschema.validate(filled, strict)

    sent = parse_call(TOOL_NAME, json.dumps(filled))
    plain = parse_call(TOOL_NAME, json.dumps(body))

    assert isinstance(sent, Parsed)
    assert isinstance(plain, Parsed)
    assert sent.decision == plain.decision
    assert sent.repairs == plain.repairs


@pytest.mark.parametrize("blank", ["", "  ", None, [], {}])
def test_l11_a_blank_in_a_field_of_another_decision_is_absent(blank: object) -> None:
    body = {"decision": "wait", "ticks": 2, "wasm_hash": blank, "source_files": blank}

    answer = parse_call(TOOL_NAME, json.dumps(body))

    assert isinstance(answer, Parsed)
    assert answer.decision.model_dump()["ticks"] == 2


@pytest.mark.parametrize("value", [0, False, "x", [""], {"a": None}])
def test_l31_a_value_in_a_field_of_another_decision_is_refused_by_name(value: object) -> None:
    answer = parse_call(TOOL_NAME, json.dumps({"decision": "wait", "to": value}))

    assert isinstance(answer, Malformed)
    assert (answer.code, answer.field) == ("unknown_field", "to")


def files(value: object) -> str:
    """Give a compile's arguments with a value for its files."""
    body = {
        "decision": "compile_module_artifact_from_source",
        "module_id": "clock",
        "manifest_path": "a.c",
        "source_files": value,
    }
    return json.dumps(body)


@pytest.mark.parametrize(
    "value",
    [
        ["a.c"],
        [{"path": "a.c"}],
        [{"path": "a.c", "content": 1}],
        [{"path": "a.c", "content": "x", "mode": "x"}],
        [["a.c", "x"]],
        [None],
    ],
)
def test_files_in_a_list_are_objects_of_a_path_and_a_text(value: object) -> None:
    answer = parse_call(TOOL_NAME, files(value))

    assert isinstance(answer, Malformed)
    assert (answer.code, answer.field) == ("wrong_type", "source_files")
    assert "path and content" in answer.facts["expected"]


def test_a_path_that_stands_twice_in_a_list_of_files_is_refused() -> None:
    twice = [{"path": "a.c", "content": "x"}, {"path": "a.c", "content": "y"}]

    answer = parse_call(TOOL_NAME, files(twice))

    assert isinstance(answer, Malformed)
    assert (answer.code, answer.field) == ("duplicate_key", "source_files")
    assert answer.facts["path"] == "a.c"


def test_a_bare_answer_may_be_held_to_the_arguments_of_the_tool_that_decides() -> None:
    [decides] = [tool for tool in tools() if tool.name == TOOL_NAME]
    assert strict_answer_schema() == decides.strict
    assert strict_answer_schema()["properties"]["decision"]["enum"] == list(DECISION_NAMES)


def test_changing_a_definition_changes_no_other() -> None:
    tool_definitions(ToolFormat.OPENAI)[0]["function"]["parameters"]["properties"].clear()
    tool_definitions(ToolFormat.MCP, strict=True)[1]["inputSchema"]["properties"].clear()

    [decision, status, *_] = tools()
    assert decision.parameters == tool_parameters_schema()
    assert status.strict["properties"]
    assert json_types("wait")["ticks"] == "integer"
