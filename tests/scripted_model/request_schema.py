"""Checks a request's shape against the types that the openai package ships for requests.

The package's TypedDicts leave unknown keys alone and read lists lazily; here both are closed.
What those types cannot say is in the rules beside this file.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError

from tests.scripted_model.refusal import Refusal

# The fields by whose written value OpenAI tells the members of a union apart.
TAGS = ("role", "type")

Node: TypeAlias = dict[str, object]
Place: TypeAlias = tuple[str | int, ...]


def refuse_shape(body: bytes, document: Mapping[str, object]) -> Refusal | None:
    """Compare a request with OpenAI's schema of a request.

    Args:
        body: The request's JSON text, known to be strict JSON.
        document: The same, read.
    """
    try:
        _VALIDATOR.validate_json(body, strict=True)
    except ValidationError as error:
        deepest = max(error.errors(), key=lambda found: len(_place(found, document)))
        return _refusal(deepest, document)
    return None


def _refusal(found: ErrorDetails, document: Mapping[str, object]) -> Refusal:
    """Tell one error in OpenAI's words and codes."""
    place = written(_place(found, document))
    match found["type"]:
        case "missing" | "union_tag_not_found":
            message, code = f"Missing required parameter: '{place}'.", "missing_required_parameter"
        case "extra_forbidden":
            message, code = f"Unknown parameter: '{place}'.", "unknown_parameter"
        case "literal_error" | "union_tag_invalid":
            message, code = f"Invalid value for '{place}': {found['msg']}.", "invalid_value"
        case _:
            message, code = f"Invalid type for '{place}': {found['msg']}.", "invalid_type"
    return Refusal(message=message, param=place, code=code)


def _place(found: ErrorDetails, document: Mapping[str, object]) -> Place:
    """Give an error's place in the request, without the names of the union members it tried."""
    place = _followed(found["loc"], document)
    match found["type"]:
        case "missing":
            return (*place, found["loc"][-1])
        case "union_tag_not_found":
            return (*place, found["ctx"]["discriminator"].strip("'"))
        case _:
            return place


def _followed(steps: Place, at: object) -> Place:
    """Give those steps that lead into a value: as many as can be, the later ones first."""
    if not steps:
        return ()
    first, rest = steps[0], steps[1:]
    without = _followed(rest, at)
    match at:
        case dict() if first in at:
            within = at[first]
        case list() if isinstance(first, int):
            within = at[first]
        case _:
            return without
    return max(without, (first, *_followed(rest, within)), key=len)


def written(place: Place) -> str:
    """Write a place as OpenAI does: ``messages[0].content``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def _closed(node: object, definitions: Mapping[str, Node]) -> object:
    """Copy a core schema, each object closed, each list read whole, each tagged union tagged."""
    if isinstance(node, list):
        return [_closed(member, definitions) for member in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _closed(value, definitions) for key, value in node.items()}
    match node.get("type"):
        case "typed-dict":
            return {**copied, "extra_behavior": "forbid"}
        case "generator":
            return {"type": "list", "items_schema": copied["items_schema"]}
        case "union":
            return _tagged(copied, definitions) or copied
        case _:
            return copied


def _tagged(union: Node, definitions: Mapping[str, Node]) -> Node | None:
    """Give a union that chooses by a written value, so that errors are of one member alone."""
    choices = cast("list[object]", union["choices"])
    for tag in TAGS:
        tagged: Node = {}
        for choice in choices:
            tagged |= dict.fromkeys(_values_of(choice, tag, definitions), choice)
        if len(tagged) >= len(choices):
            return {"type": "tagged-union", "choices": tagged, "discriminator": tag}
    return None


def _values_of(choice: object, tag: str, definitions: Mapping[str, Node]) -> Iterator[str]:
    """Give the values that a member of a union allows in a field."""
    node = cast("Node", choice) if isinstance(choice, dict) else {}
    if node.get("type") == "definition-ref":
        node = definitions[cast("str", node["schema_ref"])]
    fields = cast("Mapping[str, Mapping[str, Node]]", node.get("fields", {}))
    literal = fields.get(tag, {}).get("schema", {})
    if literal.get("type") == "literal":
        yield from cast("list[str]", literal["expected"])


def _validator() -> SchemaValidator:
    schema = cast("Node", TypeAdapter(CompletionCreateParamsNonStreaming).core_schema)
    listed = cast("list[Node]", schema.get("definitions", []))
    definitions = {cast("str", node["ref"]): node for node in listed}
    return SchemaValidator(cast("CoreSchema", _closed(schema, definitions)))


_VALIDATOR = _validator()
