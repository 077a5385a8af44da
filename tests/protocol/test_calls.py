"""Envelopes: the one call in a tool call or message of any provider, and double encoding."""

import json

import pytest

from lifecycle.protocol.names import (
    STATUS_TOOL_NAME,
    TOOL_ALIASES,
    TOOL_NAME,
    TOOL_NAMES,
    find_tool,
)
from tests.protocol.bodies import INSTALL, WAIT, accepted, refused

TEXT = json.dumps(WAIT)
OPENAI = {"id": "call_1", "type": "function", "function": {"name": TOOL_NAME, "arguments": TEXT}}
ANTHROPIC = {"type": "tool_use", "id": "toolu_1", "name": TOOL_NAME, "input": WAIT}

ENVELOPES = [
    {"name": TOOL_NAME, "arguments": WAIT},
    {"name": TOOL_NAME, "arguments": TEXT},
    {"name": TOOL_NAME, "parameters": WAIT},
    {"tool": TOOL_NAME, "input": WAIT},
    {"function": TOOL_NAME, "arguments": WAIT},
    OPENAI,
    ANTHROPIC,
    {"role": "assistant", "content": None, "tool_calls": [OPENAI]},
    {"role": "assistant", "content": [{"type": "text", "text": "So:"}, ANTHROPIC]},
    {"role": "assistant", "function_call": {"name": TOOL_NAME, "arguments": TEXT}},
    [OPENAI],
    [{"type": "text", "text": "So:"}, ANTHROPIC],
]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_call_of_any_provider_gives_its_arguments(envelope: object) -> None:
    parsed = accepted(envelope)

    assert parsed.arguments == WAIT
    assert parsed.repairs == ()
    assert parsed.tool_name == TOOL_NAME


@pytest.mark.parametrize("times", [1, 2, 3])
def test_json_within_a_json_text_is_read_up_to_three_times_and_recorded(times: int) -> None:
    body = TEXT
    for _ in range(times):
        body = json.dumps(body)

    parsed = accepted(body)

    assert parsed.arguments == WAIT
    assert parsed.repairs == ("double_encoded: read the JSON inside of a JSON text",) * times


def test_json_within_more_texts_is_no_object() -> None:
    body = TEXT
    for _ in range(4):
        body = json.dumps(body)

    assert refused(body).facts == {"received_type": "string"}


def test_arguments_encoded_twice_are_recorded_once() -> None:
    parsed = accepted({"name": TOOL_NAME, "arguments": json.dumps(TEXT)})

    assert parsed.arguments == WAIT
    assert parsed.repairs == ("double_encoded: read the JSON inside of a JSON text",)


def test_a_comma_mended_in_the_arguments_text_is_recorded() -> None:
    parsed = accepted({"name": TOOL_NAME, "arguments": '{"decision": "wait",}'})

    assert parsed.repairs == ("trailing_comma: took out a comma before a closing bracket",)


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        ([], "list"),
        ([1], "list"),
        (3, "integer"),
        (1.5, "number"),
        (True, "boolean"),
        (None, "null"),
        ("wait", "string"),
        ("", "string"),
    ],
)
def test_l07_what_is_no_object_is_refused_naming_its_type(value: object, type_name: str) -> None:
    bodies = [value, {"name": TOOL_NAME, "arguments": value}, {"tool": TOOL_NAME, "input": value}]
    for body in bodies:
        fault = refused(json.dumps(body))

        assert (fault.code, fault.facts) == ("not_an_object", {"received_type": type_name})


def test_l07_a_list_of_one_decision_is_a_list() -> None:
    assert refused([WAIT]).facts == {"received_type": "list"}


@pytest.mark.parametrize(
    "body",
    [
        [WAIT, INSTALL],
        [WAIT, WAIT],
        [OPENAI, WAIT],
        {"tool_calls": [OPENAI, OPENAI]},
        {"content": [ANTHROPIC, ANTHROPIC]},
        json.dumps(json.dumps([WAIT, WAIT])),
    ],
)
def test_several_decisions_are_refused_with_their_number(body: object) -> None:
    fault = refused(body)

    assert (fault.code, fault.facts) == ("too_many_decisions", {"seen": 2})


@pytest.mark.parametrize(
    "body", [{"tool_calls": []}, {"content": []}, {"content": [{"text": "x"}]}]
)
def test_a_message_without_a_call_holds_no_decision(body: object) -> None:
    assert refused(body).code == "no_decision_found"


@pytest.mark.parametrize("field", ["tool_calls", "function_call", "content"])
def test_a_decision_is_never_taken_for_a_message(field: str) -> None:
    fault = refused({**WAIT, field: [OPENAI]})

    assert (fault.code, fault.field) == ("unknown_field", field)


@pytest.mark.parametrize(
    "body", [{"name": TOOL_NAME}, {"arguments": WAIT}, {"name": 3, "input": {}}]
)
def test_half_an_envelope_is_none(body: object) -> None:
    fault = refused(body)

    assert (fault.code, fault.facts["missing"]) == ("unknown_field", ["decision"])


@pytest.mark.parametrize(
    "spelling",
    [
        "agent.submit.decision",
        "agent-submit-decision",
        "agent.submit_decision",
        "functions.agent_submit_decision",
        "functions:agent_submit_decision",
        "tool:agent_submit_decision",
        "AgentSubmitDecision",
        "agentSubmitDecision",
        "agent_submit_decision_tool",
        "AgentSubmitDecisionTool",
        "functions.agent.submit.decision",
        " agent_submit_decision ",
    ],
)
def test_l21_l23_l25_a_known_spelling_is_resolved_once_and_recorded(spelling: str) -> None:
    parsed = accepted({"name": spelling, "arguments": WAIT})

    assert parsed.tool_name == TOOL_NAME
    assert parsed.repairs[0].startswith("tool_alias: read ")


@pytest.mark.parametrize(
    "spelling",
    [
        "agent_submit",
        "submit_decision",
        "agent_submit_decision2",
        "my_agent_submit_decision",
        "agent__submit__decision",
        "AGENT_SUBMIT_DECISION",
        "tool",
        "",
        "wait",
        "x" * 500,
    ],
)
def test_l23_any_other_tool_is_unknown_and_the_valid_names_are_told(spelling: str) -> None:
    fault = refused({"name": spelling, "arguments": WAIT})

    assert fault.code == "unknown_tool"
    assert fault.facts["tools"] == list(TOOL_NAMES)
    assert len(fault.facts["received"]) <= 80


@pytest.mark.parametrize("spelling", ["module.lifecycle.status", "module-lifecycle-status"])
def test_l21_the_status_tool_has_its_aliases_and_takes_no_decision(spelling: str) -> None:
    assert find_tool(spelling) == STATUS_TOOL_NAME

    fault = refused({"name": spelling, "arguments": {}})

    assert (fault.code, fault.facts["takes"]) == ("unknown_tool", [TOOL_NAME])


def test_l21_published_names_hold_letters_digits_underscore_and_hyphen_only() -> None:
    for name in TOOL_NAMES:
        assert len(name) <= 64
        assert name.replace("_", "").replace("-", "").isalnum()


def test_l23_the_table_of_tools_is_fixed_and_unambiguous() -> None:
    assert len(TOOL_ALIASES) == 430
    assert set(TOOL_ALIASES.values()) == set(TOOL_NAMES)
    assert all(TOOL_ALIASES[name] == name for name in TOOL_NAMES)
