"""Answers that may ask: a query, a decision or a fault; and how a query's arguments are judged."""

import json

import pytest

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.names import QUERY_TOOL_NAMES
from lifecycle.protocol.parser import Parsed, parse_answer, parse_call
from lifecycle.protocol.queries import (
    CompileResultArguments,
    GuideArguments,
    ObservationArguments,
    Query,
    StatusArguments,
)
from tests.protocol.bodies import WAIT


def asked(name: str, arguments: object) -> Query:
    """Give the query in a call."""
    query = parse_call(name, json.dumps(arguments))
    assert isinstance(query, Query)
    return query


def fault(name: str, arguments: object) -> Malformed:
    """Give the fault of a call."""
    found = parse_call(name, json.dumps(arguments))
    assert isinstance(found, Malformed)
    return found


@pytest.mark.parametrize("name", QUERY_TOOL_NAMES)
@pytest.mark.parametrize("arguments", ["", "  ", "{}"])
def test_a_query_without_arguments_asks_for_all(name: str, arguments: str) -> None:
    query = parse_call(name, arguments)

    assert isinstance(query, Query)
    assert query.tool_name == name
    assert query.arguments.model_fields_set == set()


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_l09_null_and_blank_in_a_query_are_absent(blank: str | None) -> None:
    names = ("module_id", "limit_artifacts", "limit_installed", "cursor")

    query = asked("module_lifecycle_status", dict.fromkeys(names, blank))

    assert query.arguments == StatusArguments()


@pytest.mark.parametrize("limit", [8, "many", 1.5, True, [1]])
def test_a_limit_of_a_query_is_taken_as_it_is(limit: object) -> None:
    query = asked("module_lifecycle_status", {"limit_artifacts": limit})

    assert isinstance(query.arguments, StatusArguments)
    assert query.arguments.model_fields_set == {"limit_artifacts"}


def test_texts_of_a_query_are_trimmed() -> None:
    query = asked("compile_result", {"decision_id": " 1-2 "})

    assert query.arguments == CompileResultArguments(decision_id="1-2")


def test_l31_an_unknown_field_of_a_query_is_refused_by_name() -> None:
    refused = fault("world_observation", {"args": {}})

    assert (refused.code, refused.field) == ("unknown_field", "args")
    assert refused.facts["accepted"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"module_id": 7}, "wrong_type"),
        ({"module_id": "a\0b"}, "invalid_id"),
        ({"cursor": "\u202e1.2"}, "invalid_id"),
        ({"cursor": "x" * 201}, "out_of_range"),
    ],
)
def test_a_wrong_field_of_a_query_is_refused_by_name(arguments: object, code: str) -> None:
    refused = fault("module_lifecycle_status", arguments)

    assert refused.code == code
    assert refused.field in {"module_id", "cursor"}


def test_l07_arguments_of_a_query_that_are_no_object_are_refused() -> None:
    assert fault("world_observation", [1]).code == "not_an_object"


def test_the_guide_takes_every_spelling_of_a_decision() -> None:
    query = asked("world_rules_guide", {"decision": "installModuleFromArtifact"})

    assert query.arguments == GuideArguments(decision="install_module_from_artifact")


def test_the_guide_refuses_what_is_no_decision() -> None:
    refused = fault("world_rules_guide", {"decision": "fly"})

    assert (refused.code, refused.field) == ("unknown_decision", "decision")


def test_l25_an_alias_gives_the_one_name_and_is_recorded() -> None:
    query = asked("functions.module.lifecycle.status", {})

    assert query.tool_name == "module_lifecycle_status"
    assert query.repairs[0].startswith("tool_alias:")


def test_l23_an_unknown_tool_is_refused_with_all_names() -> None:
    refused = fault("status", {})

    assert refused.code == "unknown_tool"
    assert "compile_result" in refused.facts["takes"]


def test_an_answer_is_a_decision_or_a_query() -> None:
    decision = parse_answer(json.dumps(WAIT).encode())
    query = parse_answer(b'{"tool": "world_observation", "arguments": {}}')

    assert isinstance(decision, Parsed)
    assert query == Query("world_observation", ObservationArguments())


def test_a_query_in_prose_is_found() -> None:
    text = 'I look first.\n```json\n{"tool": "compile_result", "arguments": {}}\n```\n'

    query = parse_answer(text.encode(), text_reply=True)

    assert isinstance(query, Query)
    assert query.repairs[0].startswith("found_in_text:")


def test_the_same_query_twice_is_one() -> None:
    text = '{"tool": "compile_result", "arguments": {}}\n{"name": "compile_result", "input": {}}'

    assert isinstance(parse_answer(text.encode(), text_reply=True), Query)


def test_a_query_beside_a_decision_in_one_text_is_ambiguous() -> None:
    text = f'{json.dumps(WAIT)}\n{{"tool": "compile_result", "arguments": {{}}}}'

    answer = parse_answer(text.encode(), text_reply=True)

    assert isinstance(answer, Malformed)
    assert answer.code == "ambiguous_decision"


def test_a_double_encoded_query_is_read_and_recorded() -> None:
    text = json.dumps(json.dumps({"tool": "compile_result", "arguments": {}}))

    query = parse_answer(text.encode())

    assert isinstance(query, Query)
    assert query.repairs[0].startswith("double_encoded:")
