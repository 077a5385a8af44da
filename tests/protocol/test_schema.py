"""The published schemas say what the parser takes, and describe every field."""

import json
from typing import Any

import jsonschema
import pytest

from lifecycle.protocol.names import DECISION_NAMES
from lifecycle.protocol.schema import (
    DECISION,
    MODELS,
    decision_json_schema,
    json_types,
    tool_parameters_schema,
)
from tests.protocol.bodies import ALL, COMPILE, DEPLOY, INSTALL, MOVE, WAIT, accepted, without

SCHEMAS = [decision_json_schema(), tool_parameters_schema()]


def valid(schema: dict[str, Any], body: object) -> bool:
    validator = jsonschema.Draft202012Validator(schema)
    return validator.is_valid(body)


@pytest.mark.parametrize("schema", SCHEMAS, ids=["exact", "flat"])
def test_the_schemas_are_json_schemas(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    json.dumps(schema)


@pytest.mark.parametrize("schema", SCHEMAS, ids=["exact", "flat"])
@pytest.mark.parametrize("body", ALL)
def test_the_schemas_take_every_decision(schema: dict[str, Any], body: dict[str, Any]) -> None:
    assert valid(schema, body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"decision": "fly"},
        {"decision": "wait", "ticks": 0},
        {"decision": "wait", "ticks": 2**53},
        {"decision": "wait", "ticks": "x"},
        {**WAIT, "surplus": 1},
        {**MOVE, "to": "../x"},
        {**MOVE, "to": ""},
        {**INSTALL, "wasm_hash": "abc"},
        {**INSTALL, "installer": "location:hub"},
        {**INSTALL, "activate": "yes"},
        {**DEPLOY, "wasm_bytes_hex": "abc"},
        {**DEPLOY, "wasm_bytes_hex": ""},
        {**COMPILE, "source_files": {}},
        {**COMPILE, "source_files": {"a": 1}},
    ],
)
def test_both_schemas_refuse_what_is_plainly_wrong(body: object) -> None:
    for schema in SCHEMAS:
        assert not valid(schema, body)


@pytest.mark.parametrize(
    ("body", "field"),
    [(MOVE, "to"), (COMPILE, "source_files"), (DEPLOY, "wasm_hash"), (INSTALL, "module_id")],
)
def test_the_exact_schema_knows_what_each_decision_needs(body: dict[str, Any], field: str) -> None:
    assert not valid(SCHEMAS[0], without(body, field))


def test_l11_optional_fields_may_be_null_for_providers_that_demand_every_key() -> None:
    for body in ALL:
        required = MODELS[str(body["decision"])].model_json_schema()["required"]
        nulls = dict.fromkeys(MODELS[str(body["decision"])].model_fields)
        for schema in SCHEMAS:
            assert valid(schema, {**nulls, **{name: body[name] for name in required}})
        accepted({**nulls, **{name: body[name] for name in required}})


def test_every_field_is_described_and_has_an_example_that_is_accepted() -> None:
    for body in ALL:
        schema = MODELS[str(body["decision"])].model_json_schema()
        for name, field in schema["properties"].items():
            assert field["description"].endswith("."), name
            if name in {"decision", "source_file_count", "source_total_bytes", "source_files"}:
                continue
            for example in field["examples"]:
                accepted({**body, name: example})


def test_the_examples_of_a_package_fit_each_other() -> None:
    fields = MODELS["compile_module_artifact_from_source"].model_json_schema()["properties"]
    names = (
        "module_id",
        "manifest_path",
        "source_files",
        "source_file_count",
        "source_total_bytes",
    )

    body = {name: fields[name]["examples"][0] for name in names}

    accepted({"decision": "compile_module_artifact_from_source", **body})


def test_the_flat_schema_has_no_alternatives_on_top() -> None:
    flat = tool_parameters_schema()

    assert set(flat) == {"type", "properties", "required", "additionalProperties"}
    assert flat["properties"]["decision"]["enum"] == list(DECISION_NAMES)
    assert next(iter(flat["properties"])) == "decision"


def test_the_flat_schema_says_which_decision_needs_a_field() -> None:
    fields = tool_parameters_schema()["properties"]

    assert fields["ticks"]["description"].endswith("Required with wait_ticks. Optional with wait.")
    assert fields["to"]["description"].endswith("Required with move_agent.")


def test_each_call_gives_a_schema_of_its_own() -> None:
    decision_json_schema()["oneOf"][0]["properties"].clear()
    tool_parameters_schema()["properties"]["ticks"].clear()

    assert [decision_json_schema(), tool_parameters_schema()] == SCHEMAS


def test_the_models_are_the_decisions_of_the_tables() -> None:
    assert tuple(MODELS) == DECISION_NAMES
    for name in DECISION_NAMES:
        assert json_types(name)["decision"] == "string"


@pytest.mark.parametrize("body", ALL)
def test_accepted_decisions_come_back_through_the_schema(body: dict[str, Any]) -> None:
    decision = accepted(body).decision

    dumped = decision.model_dump(mode="json", exclude_unset=True)

    assert DECISION.validate_python(dumped) == decision
    assert DECISION.validate_json(decision.model_dump_json()) == decision
    assert accepted(dumped).decision == decision
