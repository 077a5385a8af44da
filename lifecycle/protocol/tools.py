"""The tools that agents call, defined in the forms that providers and protocols read.

All from the models of `schema` and `queries`; what a tool does is not said here.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from lifecycle.protocol.names import QUERY_TOOL_NAMES, TOOL_NAME
from lifecycle.protocol.queries import QUERY_MODELS
from lifecycle.protocol.schema import (
    JsonSchema,
    decision_json_schema,
    published_schema,
    tool_parameters_schema,
)

_DECISION_TOOL: Final = (
    "Submit your one decision of this turn. It is judged at once by the rules of the world and "
    "recorded; a compile goes on in the background and is looked up with compile_result."
)
# What the strict modes of providers know of JSON Schema; what else a field keeps to, its
# description says, and the parser judges.
_STRICT_KEYS: Final = frozenset(
    {
        "type",
        "description",
        "enum",
        "const",
        "properties",
        "required",
        "items",
        "minimum",
        "maximum",
    }
)


class ToolFormat(StrEnum):
    """The form that a list of tools is given in."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    MCP = "mcp"
    JSON_SCHEMA = "json-schema"


class Tool(NamedTuple):
    """A tool: its name on the wire, what it is for, its arguments, and whether it only asks.

    `exact` is the arguments' schema where alternatives may stand on top of it; `parameters` is
    one flat object for lists of tools, and `strict` the same with every field required.
    """

    name: str
    description: str
    only_asks: bool
    parameters: JsonSchema
    strict: JsonSchema
    exact: JsonSchema


def tools() -> list[Tool]:
    """Give every tool, the one that decides first."""
    return [_decision_tool(), *map(_query_tool, QUERY_TOOL_NAMES)]


def tool_definitions(form: ToolFormat, *, strict: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Give the list of tools in one form.

    Args:
        form: Whose form. `json-schema` is an object of schemas by the tools' names.
        strict: For the strict modes of providers: every field required, null where it is
            optional, no keyword that they do not know, source files as a list.
    """
    if form is ToolFormat.JSON_SCHEMA:
        return {tool.name: tool.strict if strict else tool.exact for tool in tools()}
    return [_FORMS[form](tool, strict) for tool in tools()]


def strict_answer_schema() -> JsonSchema:
    """Give the schema of a bare answer, a decision's arguments, for the strict modes of providers.

    It stands as one flat object because they take no alternatives on top.
    """
    return _strict(tool_parameters_schema())


def _openai(tool: Tool, strict: bool) -> JsonSchema:  # noqa: FBT001 - one of a table
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.strict if strict else tool.parameters,
    }
    return {"type": "function", "function": {**function, "strict": True} if strict else function}


def _anthropic(tool: Tool, strict: bool) -> JsonSchema:  # noqa: FBT001 - one of a table
    definition = {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.strict if strict else tool.parameters,
    }
    return {**definition, "strict": True} if strict else definition


def _mcp(tool: Tool, strict: bool) -> JsonSchema:  # noqa: FBT001 - one of a table
    return {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tool.strict if strict else tool.parameters,
        "annotations": {
            "readOnlyHint": tool.only_asks,
            "destructiveHint": False,
            "idempotentHint": tool.only_asks,
            "openWorldHint": False,
        },
    }


_FORMS: Final[Mapping[ToolFormat, Callable[[Tool, bool], JsonSchema]]] = {
    ToolFormat.OPENAI: _openai,
    ToolFormat.ANTHROPIC: _anthropic,
    ToolFormat.MCP: _mcp,
}


def _decision_tool() -> Tool:
    flat = tool_parameters_schema()
    return Tool(
        name=TOOL_NAME,
        description=_DECISION_TOOL,
        only_asks=False,
        parameters=flat,
        strict=_strict(deepcopy(flat)),
        exact=decision_json_schema(),
    )


def _query_tool(name: str) -> Tool:
    model = QUERY_MODELS[name]
    schema = published_schema(model)
    schema.pop("description", None)
    return Tool(
        name=name,
        description=(model.__doc__ or "").strip(),
        only_asks=True,
        parameters=schema,
        strict=_strict(deepcopy(schema)),
        exact=schema,
    )


def _strict(schema: JsonSchema) -> JsonSchema:
    """Rewrite an object's schema for the strict modes of providers."""
    properties = cast("JsonSchema", schema["properties"])
    required = set(schema.get("required", ()))
    return {
        "type": "object",
        "properties": {
            name: _strict_field(name, field, optional=name not in required)
            for name, field in properties.items()
        },
        "required": list(properties),
        "additionalProperties": False,
    }


def _strict_field(name: str, field: JsonSchema, *, optional: bool) -> JsonSchema:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    kept = {key: value for key, value in field.items() if key in _STRICT_KEYS}
    if "object" in kinds:
        kept = _as_list(field["description"])
        kinds = ["array"]
    wanted = [kind for kind in kinds if kind != "null"]
    if not optional:
        return {**kept, "type": wanted[0]}
    if "enum" in kept:
        kept["enum"] = [*(value for value in kept["enum"] if value is not None), None]
    notes = f"{kept['description']} null where {name} is not needed."
    return {**kept, "type": [*wanted, "null"], "description": notes}


def _as_list(description: str) -> JsonSchema:
    """Publish source files as a list: strict modes know no object with free names."""
    text = {"type": "string"}
    return {
        "description": description.replace("relative path with / to its text", "path and text"),
        "items": {
            "type": "object",
            "properties": {
                "path": {**text, "description": "Relative path with /."},
                "content": {**text, "description": "The file's text."},
            },
            "required": ["path", "content"],
            "additionalProperties": False,
        },
    }
