"""The one source of what a decision is: a Pydantic family, and the schemas made from it.

The JSON Schema, the tools' definitions, the OpenAPI document, the form and the prompt come from
here. What a decision does, and whether a world allows it, is not said here.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lifecycle.protocol.fields import (
    DEFAULT_VERSION,
    Count,
    Hash,
    HexBytes,
    Id,
    Message,
    Owner,
    Path,
    SourceFiles,
    Ticks,
    Version,
)
from lifecycle.protocol.owners import SELF

JsonSchema: TypeAlias = dict[str, Any]

_EXAMPLE_HASH: Final = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"
_EXAMPLE_HEX: Final = "0061736d01000000"


class DecisionBase(BaseModel):
    """What every decision may carry."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    message_to_user: Message | None = Field(
        default=None,
        description="A remark to the people who watch this world. Changes nothing.",
        examples=["The clock module is on its way."],
    )


class WaitDecision(DecisionBase):
    """Do nothing for a while: the world's clock runs on."""

    decision: Literal["wait"] = Field(description="Do nothing for a while.")
    ticks: Ticks = Field(
        default=1,
        description="How many ticks to wait, at least 1. Left out, it is 1.",
        examples=[1],
    )


class WaitTicksDecision(DecisionBase):
    """Do nothing for a number of ticks."""

    decision: Literal["wait_ticks"] = Field(description="Do nothing for a number of ticks.")
    ticks: Ticks = Field(description="How many ticks to wait, at least 1.", examples=[10])


class MoveAgentDecision(DecisionBase):
    """Go to another place of the world."""

    decision: Literal["move_agent"] = Field(description="Go to another place of the world.")
    to: Id = Field(description="The id of the location to go to.", examples=["harbour"])


class CompileDecision(DecisionBase):
    """Have source files compiled to WebAssembly; the result is published as an artifact."""

    decision: Literal["compile_module_artifact_from_source"] = Field(
        description="Compile source files to WebAssembly and publish the result as an artifact."
    )
    publisher: Owner = Field(
        default=SELF,
        description="Who owns the artifact: self, or agent:<id>. Left out, it is self.",
        examples=[SELF, "agent:scout"],
    )
    module_id: Id = Field(
        description="The id of the module that the sources are for.", examples=["clock"]
    )
    manifest_path: Path = Field(
        description="The path, among source_files, of the file that says how to build: *.wat, "
        "*.zig (the root source file), *.c (all .c files are compiled), or Cargo.toml.",
        examples=["main.c"],
    )
    source_files: SourceFiles = Field(
        description="Every file of the package: relative path with / to its text.",
        examples=[{"main.c": "int answer(void) { return 42; }\n"}],
    )
    source_file_count: Count | None = Field(
        default=None,
        description="How many files source_files holds. If given and untrue, the decision is "
        "refused as truncated.",
        examples=[1],
    )
    source_total_bytes: Count | None = Field(
        default=None,
        description="How many UTF-8 bytes the texts in source_files have together. If given and "
        "untrue, the decision is refused as truncated.",
        examples=[32],
    )


class DeployDecision(DecisionBase):
    """Publish WebAssembly bytes as an artifact, under their hash."""

    decision: Literal["deploy_module_artifact"] = Field(
        description="Publish WebAssembly bytes as an artifact."
    )
    publisher: Owner = Field(
        default=SELF,
        description="Who owns the artifact: self, or agent:<id>. Left out, it is self.",
        examples=[SELF, "agent:scout"],
    )
    wasm_hash: Hash = Field(
        description="The SHA-256 of the bytes: 64 hexadecimal digits.", examples=[_EXAMPLE_HASH]
    )
    wasm_bytes_hex: HexBytes = Field(
        description="The bytes of a WebAssembly core module, in hexadecimal.",
        examples=[_EXAMPLE_HEX],
    )
    module_id: Id | None = Field(
        default=None,
        description="The id of the module that the bytes are meant for, as a hint.",
        examples=["clock"],
    )


class InstallDecision(DecisionBase):
    """Bind a module id to an artifact that the installer owns."""

    decision: Literal["install_module_from_artifact"] = Field(
        description="Install an artifact that you own under a module id."
    )
    installer: Owner = Field(
        default=SELF,
        description="Who installs, and must own the artifact: self, or agent:<id>. Left out, it "
        "is self.",
        examples=[SELF, "agent:scout"],
    )
    module_id: Id = Field(description="The module id to install under.", examples=["clock"])
    module_version: Version = Field(
        default=DEFAULT_VERSION,
        description=f"The version to show for it. Left out, it is {DEFAULT_VERSION}.",
        examples=["0.2.0"],
    )
    wasm_hash: Hash = Field(
        description="The SHA-256 of the artifact's bytes: 64 hexadecimal digits.",
        examples=[_EXAMPLE_HASH],
    )
    activate: bool = Field(
        default=True,
        description="Whether the module is active from now on. Left out, it is.",
        examples=[True],
    )


Decision: TypeAlias = (
    WaitDecision
    | WaitTicksDecision
    | MoveAgentDecision
    | CompileDecision
    | DeployDecision
    | InstallDecision
)

DECISION: Final[TypeAdapter[Decision]] = TypeAdapter(
    Annotated[Decision, Field(discriminator="decision")]
)

MODELS: Final[Mapping[str, type[Decision]]] = {
    "wait": WaitDecision,
    "wait_ticks": WaitTicksDecision,
    "move_agent": MoveAgentDecision,
    "compile_module_artifact_from_source": CompileDecision,
    "deploy_module_artifact": DeployDecision,
    "install_module_from_artifact": InstallDecision,
}


def published_schema(model: type[BaseModel]) -> JsonSchema:
    """Give a model's schema without the titles that Pydantic makes of names.

    Null stands for absent where a field is optional.
    """
    schema = model.model_json_schema()
    schema.pop("title", None)
    properties, required = schema.get("properties", {}), schema.get("required", ())
    # The discriminator comes first wherever the fields are listed.
    order = sorted(properties, key=lambda name: name != "decision")
    schema["properties"] = {
        name: _published(properties[name], optional=name not in required) for name in order
    }
    return schema


def _published(field: JsonSchema, *, optional: bool) -> JsonSchema:
    """Flatten one field's schema, and let null stand for absent where the field is optional."""
    inner = field.pop("anyOf", [field])[0]
    merged = {**field, **inner}
    merged.pop("title", None)
    if optional:
        merged["type"] = [inner["type"], "null"]
        if "enum" in merged:
            merged["enum"] = [*merged["enum"], None]
    return merged


_SCHEMAS: Final = {name: published_schema(model) for name, model in MODELS.items()}


def json_types(name: str) -> dict[str, str]:
    """Give the JSON type of each field of a decision; of an optional one, the type beside null."""
    types = {key: field["type"] for key, field in _fields(_SCHEMAS[name]).items()}
    return {key: kind[0] if isinstance(kind, list) else kind for key, kind in types.items()}


def decision_json_schema() -> JsonSchema:
    """Give the JSON Schema of a decision: one alternative per name, told apart by `decision`.

    It describes what is best sent. The parser takes a few more spellings of the same (outer white
    space, null or blank for an optional field) and judges what JSON Schema cannot say.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Decision",
        "description": "One decision of an agent.",
        "type": "object",
        "discriminator": {"propertyName": "decision"},
        "oneOf": deepcopy(list(_SCHEMAS.values())),
    }


def tool_parameters_schema() -> JsonSchema:
    """Give the same decisions as one flat object, for tool lists that take no `oneOf` on top.

    Only `decision` is required; which decisions have a field, and need it, its description says.
    """
    properties: JsonSchema = {}
    for name in dict.fromkeys(name for schema in _SCHEMAS.values() for name in _fields(schema)):
        holders = {key: schema for key, schema in _SCHEMAS.items() if name in _fields(schema)}
        properties[name] = _flat_field(name, holders)
    properties["decision"] = {
        "type": "string",
        "enum": list(_SCHEMAS),
        "description": " ".join(
            f"{name}: {_fields(schema)['decision']['description']}"
            for name, schema in _SCHEMAS.items()
        ),
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["decision"],
        "additionalProperties": False,
    }


def _flat_description(name: str, holders: Mapping[str, JsonSchema]) -> str:
    described = {key: _fields(schema)[name]["description"] for key, schema in holders.items()}
    if len(set(described.values())) == 1:
        return str(next(iter(described.values())))
    return " ".join(f"{key}: {text}" for key, text in described.items())


def _fields(schema: JsonSchema) -> JsonSchema:
    return cast("JsonSchema", schema["properties"])


def _flat_field(name: str, holders: Mapping[str, JsonSchema]) -> JsonSchema:
    """Take the loosest of a field's schemas and say in words which decisions it belongs to."""
    needing = [key for key, schema in holders.items() if name in schema["required"]]
    optional = [key for key in holders if key not in needing]
    loosest = holders[(optional or needing)[0]]
    field: JsonSchema = deepcopy(_fields(loosest)[name])
    field.pop("default", None)
    notes = [_flat_description(name, holders)]
    if needing:
        notes.append(f"Required with {', '.join(needing)}.")
    if optional:
        notes.append(f"Optional with {', '.join(optional)}.")
    field["description"] = " ".join(notes)
    return field
