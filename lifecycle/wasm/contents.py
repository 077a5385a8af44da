"""What a reading of a module gathers, section by section.

Reading bytes must not be put here, nor anything that leaves the room.
"""

from dataclasses import dataclass, field

from lifecycle.wasm.report import (
    CustomSection,
    Export,
    FunctionType,
    GlobalType,
    Import,
    MemoryType,
    Producer,
    TableType,
    TagType,
)


@dataclass(slots=True)
class Contents:
    """A module's declarations in their index spaces, imported ones first.

    ``types`` holds None for a type that is no function's. ``functions`` holds
    indexes into it, ``export_targets`` what each export points to, ``bodies``
    where each function's code starts and ends. Every list is bounded by a limit
    of the policy.
    """

    types: list[FunctionType | None] = field(default_factory=list)
    type_values: int = 0
    functions: list[int] = field(default_factory=list)
    tables: list[TableType] = field(default_factory=list)
    memories: list[MemoryType] = field(default_factory=list)
    globals: list[GlobalType] = field(default_factory=list)
    tags: list[TagType] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    export_targets: list[int] = field(default_factory=list)
    imports_total: int = 0
    exports_total: int = 0
    imported_functions: int = 0
    bodies: list[tuple[int, int]] = field(default_factory=list)
    params_total: int = 0
    local_groups_total: int = 0
    constant_instructions: int = 0
    element_segments: int = 0
    element_items: int = 0
    data_segments: int = 0
    data_bytes: int = 0
    has_start: bool = False
    custom_sections: list[CustomSection] = field(default_factory=list)
    custom_bytes: int = 0
    producers: tuple[Producer, ...] = ()
    target_features: tuple[str, ...] = ()
    features: set[str] = field(default_factory=set)
