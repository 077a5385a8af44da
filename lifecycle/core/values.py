"""The base of every value of the core, and the type of JSON. No rule and no field belongs here."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, dataclass_transform

import msgspec

JsonValue: TypeAlias = "str | int | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
# What a stored document holds under a key that this version does not interpret; `msgspec` decodes
# no recursive alias.
JsonObject: TypeAlias = dict[str, Any]


# For type checkers alone: subclasses are frozen without saying so again.
@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An immutable value that decodes strictly: no unknown field, no coercion of types."""
