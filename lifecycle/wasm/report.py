"""The values that judging a module gives: what it holds, or why it is refused.

Reading bytes must not be put here; nor may text of the engine enter ``facts``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import ConfigDict, TypeAdapter

Reason = Literal[
    "component",
    "feature_not_allowed",
    "limit_exceeded",
    "malformed",
    "not_wasm",
    "text_format",
    "too_large",
    "truncated",
]
"""The stable codes of a refusal."""

Kind = Literal["function", "table", "memory", "global", "tag"]
"""What an import or export is."""

IndexType = Literal["i32", "i64"]
"""The type that addresses a table or memory."""

LISTED: Final = 1_000
"""The most imports, exports, tables, … that an inspection lists one by one."""

Facts = Mapping[str, object]
"""JSON-able facts: texts, integers below 2**53, lists and objects of them."""


@dataclass(frozen=True, slots=True)
class InvalidModule:
    """Bytes that are refused, and why.

    Attributes:
        reason: A stable code.
        facts: What the refusal rests on, stable and JSON-able. By reason:
            ``feature_not_allowed``: ``feature``, ``features`` (all that are
            missing), ``flags`` (compiler to the flag that turns it off);
            ``limit_exceeded`` and ``too_large``: ``limit_name``, ``actual``,
            ``maximum``; ``malformed``: ``fault`` and where known ``section``.
        message: A sentence made from reason and facts alone.
        detail: The engine's own words, or empty. They differ between engine
            versions, so they are never compared and enter no facts; a compile
            keeps them among its diagnostics, beside the compiler's words.
    """

    reason: Reason
    facts: Facts
    message: str
    detail: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function's signature, value types as the text format writes them."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    params: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableType:
    """A table: its element type and how many elements it declares."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    element: str
    minimum: int
    maximum: int | None
    index_type: IndexType


@dataclass(frozen=True, slots=True)
class MemoryType:
    """A memory: how many of its own pages it declares, and their size."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    minimum_pages: int
    maximum_pages: int | None
    page_size_bytes: int
    index_type: IndexType
    shared: bool


@dataclass(frozen=True, slots=True)
class GlobalType:
    """A global: its value type and whether it may change."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    value: str
    mutable: bool


@dataclass(frozen=True, slots=True)
class TagType:
    """An exception tag: what it carries."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    carries: tuple[str, ...]


ExternType = FunctionType | TableType | MemoryType | GlobalType | TagType
"""The type of an import or export."""


@dataclass(frozen=True, slots=True)
class Import:
    """Something that the module wants from outside. Names are untrusted text."""

    module: str
    name: str
    kind: Kind
    type: ExternType


@dataclass(frozen=True, slots=True)
class Export:
    """Something that the module offers. The name is untrusted text."""

    name: str
    kind: Kind
    type: ExternType


@dataclass(frozen=True, slots=True)
class CustomSection:
    """A section that does not change what the module does."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Producer:
    """One line of the ``producers`` section: a tool's unproven claim."""

    field: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a valid module holds, as read from its bytes.

    Lists stop at ``LISTED`` entries; the totals count all. ``functions`` counts
    the bodies of the module itself, ``tables`` and ``memories`` include
    imported ones. ``features_seen`` are those that its declarations show; the
    instructions are not searched. ``target_features`` and ``producers`` are
    claims of the compiler. ``stripped_sha256`` covers the bytes without custom
    sections: two builds that differ in names or debug data share it, but the
    module's identity stays the hash of its exact bytes.
    """

    size_bytes: int
    imports: tuple[Import, ...]
    imports_total: int
    exports: tuple[Export, ...]
    exports_total: int
    tables: tuple[TableType, ...]
    tables_total: int
    memories: tuple[MemoryType, ...]
    memories_total: int
    functions_total: int
    globals_total: int
    element_segments_total: int
    data_segments_total: int
    data_bytes: int
    has_start: bool
    custom_sections: tuple[CustomSection, ...]
    custom_sections_total: int
    producers: tuple[Producer, ...]
    target_features: tuple[str, ...]
    features_seen: tuple[str, ...]
    stripped_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able facts; ``from_dict`` gives the same value back."""
        dumped: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return dumped

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` gave.

        Raises:
            pydantic.ValidationError: The facts are not of an inspection.
        """
        read: Self = _ADAPTER.validate_python(facts)
        return read


_ADAPTER: Final[TypeAdapter[Any]] = TypeAdapter(Inspection)
