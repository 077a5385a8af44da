"""Under ``strict: true`` a schema is within OpenAI's subset, and what its helper makes is."""

import json
from typing import Literal

import pytest
from openai import pydantic_function_tool
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, Field

from tests.scripted_model.strict_schema import (
    first_fault,
    loose_faults,
    size_faults,
    strict_faults,
)

TEXT = {"type": "string"}


def closed(**properties: object) -> dict[str, object]:
    """Give an object that requires its properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class SourceFile(BaseModel):
    path: str = Field(description="Within the package.")
    text: str


class Decision(BaseModel):
    """A model with all that the service's own schemas use."""

    decision: Literal["wait", "compile"]
    ticks: int | None = Field(ge=1, le=10)
    files: list[SourceFile] = Field(min_length=1, max_length=3)
    main: SourceFile = Field(description="A reference with words beside it.")
    to: str | None = None


class Node(BaseModel):
    value: float
    next: "Node | None"


@pytest.mark.parametrize("model", [Decision, Node, SourceFile])
def test_what_openais_own_helper_makes_is_taken(model: type[BaseModel]) -> None:
    assert list(strict_faults(to_strict_json_schema(model))) == []
    parameters = pydantic_function_tool(model)["function"]["parameters"]
    assert list(strict_faults(parameters)) == []


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        closed(a={"type": ["string", "null"], "enum": ["x", None]}),
        closed(a={"anyOf": [closed(k={**TEXT, "const": "x"}), closed(k={**TEXT, "const": "y"})]}),
        closed(a={"anyOf": [closed(a=TEXT), closed(b=TEXT)]}),
        closed(a={"type": "array", "items": {"$ref": "#"}}),
        {**closed(a={"$ref": "#/$defs/b"}), "$defs": {"b": TEXT}},
        closed(a={**TEXT, "format": "date-time", "pattern": "^2"}, b={"type": "integer"}),
        closed(minLength=TEXT, oneOf=TEXT),
        {**closed(), "$schema": "http://json-schema.org/draft-07/schema#", "title": "Empty"},
    ],
)
def test_a_schema_of_the_subset_is_taken(schema: dict[str, object]) -> None:
    assert list(strict_faults(schema)) == []


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"anyOf": [closed()]}, "at the top level"),
        ({**closed(), "anyOf": [closed()]}, "at the top level"),
        ({"type": "array", "items": TEXT}, "got 'type: 'array''"),
        ({**closed(a=TEXT), "additionalProperties": True}, "'additionalProperties' is required"),
        ({"type": "object", "properties": {}, "required": []}, "'additionalProperties'"),
        ({**closed(a=TEXT, b=TEXT), "required": ["a"]}, "Missing 'b'"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "'required'"),
        ({**closed(a=TEXT), "required": ["a", "b"]}, "Extra required key 'b'"),
        (
            closed(a={"type": "object", "additionalProperties": TEXT}),
            "In context=('properties', 'a'), 'additionalProperties' is required",
        ),
        (
            closed(a={"type": "object", "additionalProperties": False}),
            "In context=('properties', 'a'), object schema missing properties",
        ),
        (closed(a={"type": "array"}), "In context=('properties', 'a'), array schema missing items"),
        (closed(a={"description": "any"}), "schema must have a 'type' key"),
        (closed(a={"const": "x"}), "schema must have a 'type' key"),
        (closed(a=True), "schema must have a 'type' key"),
        (closed(a={**TEXT, "minLength": 1}), "'minLength' is not permitted"),
        (closed(a={**TEXT, "default": "x"}), "'default' is not permitted"),
        (closed(a={**TEXT, "examples": ["x"]}), "'examples' is not permitted"),
        (closed(a={"oneOf": [TEXT]}), "'oneOf' is not permitted"),
        (closed(a={"allOf": [TEXT]}), "'allOf' is not permitted"),
        (closed(a={**TEXT, "$schema": "x"}), "'$schema' is not permitted"),
        (
            closed(a={"type": "array", "items": TEXT, "uniqueItems": True}),
            "'uniqueItems' is not permitted",
        ),
        (closed(a={**TEXT, "format": "uri"}), "'uri' is not a valid format"),
        (
            {**closed(a={"$ref": "#/$defs/b", "description": "x"}), "$defs": {"b": TEXT}},
            "$ref cannot have keywords {'description'}",
        ),
        (closed(a={"$ref": "#/$defs/b"}), "does not resolve"),
        (closed(a={"$ref": "other.json"}), "does not resolve"),
        (
            {**closed(a={"$ref": "#/$defs/b"}), "$defs": {"b": {"type": "object"}}},
            "In context=('$defs', 'b'), 'additionalProperties'",
        ),
        (
            closed(a={"anyOf": [{"type": "null"}, {"type": "object"}]}),
            "In context=('properties', 'a', 'anyOf', '1'), 'additionalProperties'",
        ),
        (closed(a={"anyOf": [closed(k=TEXT), closed(k=TEXT)]}), "identical first keys"),
        (closed(a={"anyOf": [closed(k={**TEXT, "const": "x"})] * 2}), "identical first keys"),
        (closed(a={"type": "list"}), "is not valid under any of the given schemas"),
    ],
)
def test_a_schema_outside_the_subset_is_refused_by_its_place(
    schema: dict[str, object], told: str
) -> None:
    faults = list(strict_faults(schema))

    assert any(told in fault for fault in faults), faults


def deep(levels: int) -> dict[str, object]:
    """Give an object within an object, so many in all."""
    schema = closed(a=TEXT)
    for _ in range(levels - 1):
        schema = closed(a=schema)
    return schema


@pytest.mark.parametrize(
    ("largest", "larger", "told"),
    [
        (deep(10), deep(11), "levels of nesting"),
        (
            closed(**{f"p{n}": TEXT for n in range(5_000)}),
            closed(**{f"p{n}": TEXT for n in range(5_001)}),
            "object properties",
        ),
        (
            closed(a={"type": "integer", "enum": list(range(1_000))}),
            closed(a={"type": "integer", "enum": list(range(1_001))}),
            "enum values",
        ),
        (closed(**{"a" * 120_000: TEXT}), closed(**{"a" * 120_001: TEXT}), "characters"),
        (
            closed(a={**TEXT, "enum": [str(n).zfill(60) for n in range(250)]}),
            closed(a={**TEXT, "enum": [str(n).zfill(60) for n in range(251)]}),
            "An enum of more than 250 values",
        ),
    ],
    ids=["levels", "properties", "values", "characters", "a long enum"],
)
def test_a_schema_is_no_larger_than_openai_takes(
    largest: dict[str, object], larger: dict[str, object], told: str
) -> None:
    assert list(size_faults(largest)) == []
    assert any(told in fault for fault in size_faults(larger))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "array schema missing items"),
        ({"type": "object", "properties": []}, "is not of type 'object'"),
    ],
)
def test_a_loose_schema_is_refused_too_where_no_server_takes_it(
    schema: dict[str, object], told: str
) -> None:
    assert any(told in fault for fault in loose_faults(schema))


def test_a_loose_schema_may_hold_what_a_strict_one_may_not() -> None:
    loose = {
        "type": "object",
        "properties": {"a": {**TEXT, "minLength": 1}, "b": {"oneOf": [TEXT]}},
        "additionalProperties": {"type": "string"},
    }

    assert list(loose_faults(loose)) == []


def test_the_first_fault_is_told_of_the_kind_of_schema_that_is_asked_for() -> None:
    loose = json.dumps({"type": "object", "properties": {}})

    assert first_fault(loose, strict=False) is None
    assert "'additionalProperties' is required" in (first_fault(loose, strict=True) or "")


def test_a_strict_schema_that_is_too_large_is_refused() -> None:
    assert any("levels of nesting" in fault for fault in strict_faults(deep(11)))
