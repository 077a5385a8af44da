"""The subset of JSON Schema that OpenAI takes under ``strict: true``, and the loose rules.

Source: OpenAI's guide "Structured Outputs", section "Supported schemas", and the refusals
("... is not permitted") that its users have published. Only schemas are judged here, never a value.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias, cast

import jsonschema

from tests.scripted_model.reading import Json, an_object, objects

Place: TypeAlias = tuple[str, ...]

PERMITTED: Final = frozenset(
    {"type", "title", "description", "enum", "const", "anyOf", "$ref", "$defs", "definitions"}
    | {"properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
    | {"pattern", "format"}
    | {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
# OpenAI's own helper for JavaScript writes it at the root.
PERMITTED_AT_ROOT: Final = PERMITTED | {"$schema"}
NEVER_AT_ROOT: Final = ("oneOf", "anyOf", "allOf", "enum", "not")

# The keywords whose members are schemas by name.
_NAMED: Final = ("properties", "$defs", "definitions")

MOST_PROPERTIES: Final = 5_000
MOST_LEVELS: Final = 10
MOST_ENUM_VALUES: Final = 1_000
MOST_CHARACTERS: Final = 120_000
LONG_ENUM: Final = 250
MOST_CHARACTERS_OF_A_LONG_ENUM: Final = 15_000


@lru_cache(maxsize=256)
def first_fault(schema_text: str, *, strict: bool) -> str | None:
    """Give what OpenAI would say of a function's schema; None where it takes it.

    Args:
        schema_text: The schema as JSON; remembered, for the same few come with every request.
        strict: Whether the subset of ``strict: true`` is asked for.
    """
    schema = cast("Json", json.loads(schema_text))
    return next(strict_faults(schema) if strict else loose_faults(schema), None)


def loose_faults(schema: Json) -> Iterator[str]:
    """Give what OpenAI refuses in the parameters of any function, strict or not."""
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        yield error.message
        return
    if schema.get("type") != "object":
        got = schema.get("type")
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {got!r}'."
    if any(key in schema for key in NEVER_AT_ROOT):
        never = "/".join(f"'{key}'" for key in NEVER_AT_ROOT)
        yield f"schema must have type 'object' and not have {never} at the top level."
    if "properties" not in schema:
        yield _at((), "object schema missing properties.")
    yield from _array_faults(schema, ())


def strict_faults(schema: Json) -> Iterator[str]:
    """Give what OpenAI refuses in a schema under ``strict: true``, in its own words."""
    yield from loose_faults(schema)
    yield from _node_faults(schema, schema, ())
    yield from size_faults(schema)


def _node_faults(node: Json, root: Json, place: Place) -> Iterator[str]:
    """Judge one schema, then those within it."""
    if "$ref" in node:
        yield from _reference_faults(node, root, place)
        return
    permitted = PERMITTED if place else PERMITTED_AT_ROOT
    yield from (_at(place, f"'{key}' is not permitted.") for key in node if key not in permitted)
    if "type" not in node and "anyOf" not in node:
        yield _at(place, "schema must have a 'type' key.")
    if node.get("format", "uuid") not in FORMATS:
        yield _at(place, f"'{node['format']}' is not a valid format.")
    if "object" in _types(node):
        yield from _object_faults(node, place)
    yield from _choice_faults(node, place)
    for step, inner in _within(node):
        yield from _node_faults(inner, root, (*place, *step))


def _array_faults(node: Json, place: Place) -> Iterator[str]:
    """A list says what it holds, at any depth."""
    if "array" in _types(node) and not isinstance(node.get("items"), dict):
        yield _at(place, "array schema missing items.")
    for step, inner in _within(node):
        yield from _array_faults(inner, (*place, *step))


def _object_faults(node: Json, place: Place) -> Iterator[str]:
    """An object is closed, and requires every one of its properties."""
    if node.get("additionalProperties") is not False:
        yield _at(place, "'additionalProperties' is required to be supplied and to be false.")
    if "properties" not in node:
        if place:
            yield _at(place, "object schema missing properties.")
        return
    names = an_object(node, "properties")
    required = dict.fromkeys(cast("list[str]", node.get("required", [])))
    missing = [name for name in names if name not in required]
    if missing or "required" not in node:
        told = f" Missing '{missing[0]}'." if missing else ""
        yield _at(
            place,
            "'required' is required to be supplied and to be an array including every key in "
            f"properties.{told}",
        )
    for name in required:
        if name not in names:
            yield _at(place, f"Extra required key '{name}' supplied.")


def _choice_faults(node: Json, place: Place) -> Iterator[str]:
    """Members of an ``anyOf`` are told apart by their first key, or by its written value."""
    seen: dict[str, list[set[str]]] = {}
    for member in objects(node, "anyOf"):
        properties = an_object(_schema(member), "properties")
        for first in list(properties)[:1]:
            values = _written_values(_schema(properties[first]))
            if any(not values or not other or values & other for other in seen.get(first, [])):
                yield _at(
                    place,
                    "Objects provided via 'anyOf' must not share identical first keys. Consider "
                    "adding a discriminator key or rearranging the properties to ensure the first "
                    "key is unique.",
                )
            seen.setdefault(first, []).append(values)


def _written_values(node: Json) -> set[str]:
    """Give the values that ``enum`` or ``const`` allow, as text; none where any is allowed."""
    constant = [node["const"]] if "const" in node else []
    return {repr(value) for value in (*cast("list[object]", node.get("enum", [])), *constant)}


def _reference_faults(node: Json, root: Json, place: Place) -> Iterator[str]:
    """A reference stands alone, and leads to something within the schema."""
    beside = sorted(key for key in node if key != "$ref")
    if beside:
        listed = ", ".join(f"'{key}'" for key in beside)
        yield f"context={place}, $ref cannot have keywords {{{listed}}}."
    target: object = root
    first, *steps = str(node["$ref"]).split("/")
    for step in steps:
        target = target.get(step) if isinstance(target, dict) else None
    if first != "#" or target is None:
        yield _at(place, f"reference '{node['$ref']}' does not resolve.")


def _within(node: Json) -> Iterator[tuple[Place, Json]]:
    """Give the schemas within a schema, with the steps that lead to each.

    Members that are ``true`` or ``false`` count as empty schemas, which strict mode refuses.
    """
    named = ((key, name) for key in _NAMED for name in an_object(node, key))
    for key, name in named:
        yield (key, name), _schema(an_object(node, key)[name])
    if "items" in node:
        yield ("items",), _schema(node["items"])
    for index, inner in enumerate(objects(node, "anyOf")):
        yield ("anyOf", str(index)), _schema(inner)


def _schema(found: object) -> Json:
    return found if isinstance(found, dict) else {}


def size_faults(schema: Json) -> Iterator[str]:
    """A schema is no larger than OpenAI's grammar for it may be."""
    nodes = [*_all_nodes(schema, 0)]
    names = [name for node, _ in nodes for key in _NAMED for name in an_object(node, key)]
    enums = [cast("list[object]", node.get("enum", [])) for node, _ in nodes]
    constants = [str(node["const"]) for node, _ in nodes if "const" in node]
    values = [str(value) for enum in enums for value in enum]
    properties = sum(len(an_object(node, "properties")) for node, _ in nodes)
    counted = (
        ("object properties", properties, MOST_PROPERTIES),
        ("levels of nesting", max(level for _, level in nodes), MOST_LEVELS),
        ("enum values", len(values), MOST_ENUM_VALUES),
        ("characters of names and values", _length(names, values, constants), MOST_CHARACTERS),
    )
    for what, count, most in counted:
        if count > most:
            yield f"Expected at most {most} {what} within a single schema, but received {count}."
    for enum in enums:
        long = len(enum) > LONG_ENUM
        if long and _length([str(value) for value in enum]) > MOST_CHARACTERS_OF_A_LONG_ENUM:
            yield f"An enum of more than {LONG_ENUM} values is too long."


def _all_nodes(node: Json, level: int) -> Iterator[tuple[Json, int]]:
    """Give a schema and all within it, each with the objects and lists that it lies in."""
    deeper = level + bool({"object", "array"} & _types(node))
    yield node, deeper
    for _, inner in _within(node):
        yield from _all_nodes(inner, deeper)


def _types(node: Json) -> set[str]:
    """Give the types that a schema names."""
    named = node.get("type", [])
    return set(cast("list[str]", [named] if isinstance(named, str) else named))


def _length(*groups: list[str]) -> int:
    return sum(len(word) for group in groups for word in group)


def _at(place: Place, told: str) -> str:
    return f"In context={place}, {told}"
