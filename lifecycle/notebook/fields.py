"""The fields of a decision's form, read from its schema. What stands in them is `composing`'s."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from lifecycle.core.values import JsonObject
from lifecycle.protocol.schema import MODELS, decision_json_schema

DECISION: Final = "decision"
# From so many characters on, a text is written in more than one line.
_LONG: Final = 1000


class Kind(StrEnum):
    """How a field is written."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    FILES = "files"


class Field(NamedTuple):
    """One field of a decision.

    Attributes:
        name: Its name on the wire.
        kind: How it is written.
        description: What it is for.
        required: Whether a decision without it is refused.
        default: What it is when left out; ``None`` where it is then absent.
        example: A value to show where nothing is written yet.
    """

    name: str
    kind: Kind
    description: str
    required: bool
    default: str | None
    example: str

    @property
    def label(self) -> str:
        """Give the name as words."""
        return self.name.replace("_", " ").capitalize()


class Form(NamedTuple):
    """The form of one decision: its name, what it does, its fields, the required ones first."""

    name: str
    description: str
    fields: tuple[Field, ...]

    @property
    def title(self) -> str:
        """Give the name in the fewest words that tell it from the others."""
        return self.name.partition("_module_")[0].replace("_", " ").capitalize()

    @property
    def required(self) -> tuple[Field, ...]:
        """Give the fields that must be filled in."""
        return tuple(field for field in self.fields if field.required)

    @property
    def optional(self) -> tuple[Field, ...]:
        """Give the fields that may be left out."""
        return tuple(field for field in self.fields if not field.required)


def _kind_of(decision: str, name: str, schema: JsonObject) -> Kind:
    if MODELS[decision].model_fields[name].annotation is bytes:
        return Kind.BYTES
    kind = schema["type"]
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return Kind.FILES
        case "integer":
            return Kind.INTEGER
        case "boolean":
            return Kind.BOOLEAN
        case _:
            longest = schema.get("maxLength")
            return Kind.LONG_TEXT if isinstance(longest, int) and longest > _LONG else Kind.TEXT


def text_of(value: object) -> str:
    """Give a scalar of JSON as it is written in a form."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _field(decision: str, name: str, schema: JsonObject, *, required: bool) -> Field:
    examples = schema.get("examples")
    example = examples[0] if isinstance(examples, list) and examples else None
    default = schema.get("default")
    return Field(
        name,
        _kind_of(decision, name, schema),
        str(schema["description"]),
        required,
        None if default is None else text_of(default),
        "" if isinstance(example, Mapping) else text_of(example),
    )


def _form(schema: JsonObject) -> Form:
    properties, needed = schema["properties"], schema["required"]
    assert isinstance(properties, dict)  # noqa: S101 - a schema of an object
    assert isinstance(needed, list)  # noqa: S101 - the same
    name = properties[DECISION]["const"]
    fields = [
        _field(name, key, told, required=key in needed)
        for key, told in properties.items()
        if key != DECISION
    ]
    # A remark is for any decision; what belongs to this one stands before it.
    own = list(MODELS[name].__annotations__)
    fields.sort(key=lambda field: (not field.required, field.name not in own))
    return Form(name, properties[DECISION]["description"], tuple(fields))


FORMS: Final[Mapping[str, Form]] = {
    form.name: form for form in map(_form, decision_json_schema()["oneOf"])
}
