"""Calls that models get wrong, over HTTP: what is understood, and how the rest is refused."""

import json
import re
from typing import Any

import pytest

from tests.mcp.serving import DECIDE, Service

PUBLISHED = re.compile(r"[A-Za-z0-9_-]{1,64}")


def call(service: Service, name: str, arguments: object) -> dict[str, Any]:
    """Call a tool by hand as Ada; give its result."""
    result: dict[str, Any] = service.ask("ada", "tools/call", name=name, arguments=arguments)[
        "result"
    ]
    return result


def refusal_of(result: dict[str, Any]) -> dict[str, Any]:
    """Give why a call was refused; it is in the text too, and has all that a model needs."""
    rejection: dict[str, Any] = result["structuredContent"]["rejection"]
    assert result["isError"]
    assert json.loads(result["content"][0]["text"])["rejection"] == rejection
    assert rejection["message"]
    assert rejection["hint"]
    return rejection


def test_l21_the_published_names_are_taken_by_every_provider(service: Service) -> None:
    listed = service.ask("ada", "tools/list")["result"]["tools"]

    assert [tool["name"] for tool in listed] == [
        DECIDE,
        "module_lifecycle_status",
        "world_observation",
        "world_rules_guide",
        "compile_result",
    ]
    assert all(PUBLISHED.fullmatch(tool["name"]) for tool in listed)
    assert all(tool["description"] for tool in listed)
    assert all(tool["inputSchema"]["type"] == "object" for tool in listed)
    assert [tool["annotations"]["readOnlyHint"] for tool in listed] == [False, *[True] * 4]


def test_l21_the_dotted_form_is_understood(service: Service) -> None:
    assert not call(service, "module.lifecycle.status", {})["isError"]


@pytest.mark.parametrize(
    "name", ["functions.agent_submit_decision", "AgentSubmitDecision", "agent_submit_decision_tool"]
)
def test_l23_decorated_names_are_understood_and_the_repair_is_told(
    service: Service, name: str
) -> None:
    result = call(service, name, {"decision": "wait"})

    assert not result["isError"]
    assert result["structuredContent"]["repairs"][0].startswith("tool_alias:")


def test_l23_any_other_name_is_refused_with_the_valid_ones(service: Service) -> None:
    rejection = refusal_of(call(service, "submit_decision_now", {"decision": "wait"}))

    assert rejection["code"] == "unknown_tool"
    assert DECIDE in json.dumps(rejection)


def test_l09_null_where_a_field_is_optional_counts_as_absent(service: Service) -> None:
    assert not call(service, DECIDE, {"decision": "wait", "message_to_user": None})["isError"]
    assert not call(service, "module_lifecycle_status", {"module_id": None})["isError"]
    rejection = refusal_of(call(service, DECIDE, {"decision": "move_agent", "to": None}))
    assert (rejection["code"], rejection["field"]) == ("missing_field", "to")


def test_l11_blank_text_where_a_field_is_optional_counts_as_absent(service: Service) -> None:
    filled = {"decision": "wait", "message_to_user": "", "module_id": "", "to": ""}

    assert not call(service, DECIDE, filled)["isError"]
    assert not call(service, "module_lifecycle_status", {"module_id": " "})["isError"]


@pytest.mark.parametrize("arguments", [[1], 7, True])
def test_l07_arguments_of_another_type_are_refused_by_their_type(
    service: Service, arguments: object
) -> None:
    rejection = refusal_of(call(service, DECIDE, arguments))

    assert rejection["code"] == "not_an_object"


def test_arguments_that_were_encoded_twice_are_read_and_the_repair_is_told(
    service: Service,
) -> None:
    result = call(service, DECIDE, json.dumps({"decision": "wait"}))

    assert result["structuredContent"]["status"] == "applied"
    assert result["structuredContent"]["repairs"][0].startswith("double_encoded:")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('{"decision": "wait", "decision": "move_agent"}', "duplicate_key"),
        ('{"decision": "wait", "ticks": NaN}', "invalid_number"),
        ('{"decision": "wait", "ticks": 1e3}', "wrong_type"),
    ],
)
def test_arguments_are_judged_as_they_were_sent(
    service: Service, arguments: str, code: str
) -> None:
    body = (
        '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": '
        f'{{"name": "{DECIDE}", "arguments": {arguments}}}}}'
    )

    answer = service.send("POST", "/mcp/", body, "ada")

    assert refusal_of(json.loads(answer.body)["result"])["code"] == code


def test_a_malformed_call_is_recorded_and_is_no_event(service: Service) -> None:
    before = call(service, "world_observation", {})["structuredContent"]
    refused = call(service, DECIDE, {"decision": "fly"})["structuredContent"]
    after = call(service, "world_observation", {})["structuredContent"]

    assert refused["status"] == "malformed"
    assert after["last_results"][0]["id"] == refused["id"]
    assert after["head_seq"] == before["head_seq"]


def test_a_refusal_by_the_rules_is_an_event_and_an_error(service: Service) -> None:
    result = call(service, DECIDE, {"decision": "move_agent", "to": "nowhere"})

    assert refusal_of(result)["code"] == "location_not_found"
    assert result["structuredContent"]["events"][0]["kind"] == "ActionRejected"


def test_a_call_may_not_name_another_agent(service: Service) -> None:
    rejection = refusal_of(call(service, DECIDE, {"decision": "wait", "agent_id": "bob"}))

    assert rejection["code"] == "acting_for_another"
