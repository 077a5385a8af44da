"""The rules on tools and on the response's format that OpenAI's types cannot say.

What a schema may hold under ``strict`` is in ``strict_schema.py``.
"""

import json
from collections.abc import Iterator

from tests.scripted_model.reading import NAME, Json, an_object, objects, text, texts_of
from tests.scripted_model.refusal import Refusal
from tests.scripted_model.strict_schema import first_fault

MOST_TOOLS = 128
# What OpenAI's server has refused beyond, though its types name no limit.
LONGEST_DESCRIPTION = 1024

_ONLY_WITH_TOOLS = "Invalid value for '{0}': '{0}' is only allowed when 'tools' are specified."
_NO_JSON = (
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
    "'json_object'."
)


def tool_faults(document: Json) -> Iterator[Refusal]:
    """Give what is wrong with a request's tools and the choice among them."""
    tools = objects(document, "tools")
    if document.get("tools") == []:
        yield _invalid(
            "tools", "empty array. Expected an array with minimum length 1", "empty_array"
        )
    if len(tools) > MOST_TOOLS:
        told = f"array too long. Expected an array with maximum length {MOST_TOOLS}"
        yield _invalid("tools", told, "array_above_max_length")
    names: list[str] = []
    for index, tool in enumerate(tools):
        if tool["type"] == "function":
            function = an_object(tool, "function")
            yield from _function_faults(function, f"tools[{index}].function", names)
            names.append(text(function, "name"))
    yield from _choice_faults(document, names)


def format_faults(document: Json) -> Iterator[Refusal]:
    """Give what is wrong with the format that a request asks the response to have."""
    wanted = an_object(document, "response_format")
    if wanted.get("type") == "json_object":
        words = " ".join(word for m in objects(document, "messages") for word in texts_of(m))
        if "json" not in words.lower():
            yield Refusal(message=_NO_JSON, param="messages")
    if wanted.get("type") == "json_schema":
        yield from _schema_format_faults(an_object(wanted, "json_schema"))


def _schema_format_faults(wanted: Json) -> Iterator[Refusal]:
    name = text(wanted, "name")
    if not NAME.fullmatch(name):
        yield _bad_name("response_format.json_schema.name", name)
    if "schema" not in wanted:
        place = "response_format.json_schema.schema"
        told = f"Missing required parameter: '{place}'."
        yield Refusal(message=told, param=place, code="missing_required_parameter")
    elif wanted.get("strict"):
        fault = first_fault(json.dumps(wanted["schema"]), strict=True)
        if fault is not None:
            message = f"Invalid schema for response_format '{name}': {fault}"
            yield Refusal(message=message, param="response_format")


def _function_faults(function: Json, place: str, earlier: list[str]) -> Iterator[Refusal]:
    """A function has a name of its own, a short description, and a schema that OpenAI takes."""
    name, described = text(function, "name"), text(function, "description")
    if not NAME.fullmatch(name):
        yield _bad_name(f"{place}.name", name)
    if name in earlier:
        yield _invalid(f"{place}.name", f"'{name}' names another tool too", "invalid_value")
    if len(described) > LONGEST_DESCRIPTION:
        told = (
            f"string too long. Expected a string with maximum length {LONGEST_DESCRIPTION}, "
            f"but got a string with length {len(described)} instead"
        )
        yield _invalid(f"{place}.description", told, "string_above_max_length")
    if "parameters" in function:
        yield from _parameter_faults(function, name, place)


def _parameter_faults(function: Json, name: str, place: str) -> Iterator[Refusal]:
    schema, strict = an_object(function, "parameters"), bool(function.get("strict"))
    # An empty object stands for a function without parameters.
    if not schema and not strict:
        return
    fault = first_fault(json.dumps(schema), strict=strict)
    if fault is not None:
        yield Refusal(
            message=f"Invalid schema for function '{name}': {fault}",
            param=f"{place}.parameters",
            code="invalid_function_parameters",
        )


def _choice_faults(document: Json, names: list[str]) -> Iterator[Refusal]:
    """A choice is among tools that are there."""
    for key in ("tool_choice", "parallel_tool_calls"):
        if key in document and "tools" not in document:
            yield Refusal(message=_ONLY_WITH_TOOLS.format(key), param=key)
    choice = document.get("tool_choice")
    if isinstance(choice, dict) and choice["type"] == "function" and "tools" in document:
        chosen = text(an_object(choice, "function"), "name")
        if chosen not in names:
            told = f"Tool choice '{chosen}' not found in 'tools' parameter."
            yield Refusal(message=told, param="tool_choice", code="invalid_value")


def _bad_name(place: str, name: str) -> Refusal:
    told = (
        f"string does not match pattern. Expected a string that matches the pattern "
        f"'^[a-zA-Z0-9_-]{{1,64}}$', but got '{name}'"
    )
    return _invalid(place, told, "invalid_value")


def _invalid(place: str, told: str, code: str) -> Refusal:
    return Refusal(message=f"Invalid '{place}': {told}.", param=place, code=code)
