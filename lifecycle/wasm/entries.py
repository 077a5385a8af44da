"""Reading what each section of a module holds, within the policy's limits.

The order of sections must not be judged here; that is ``sections.py``. Every
count is held against its limit before the entries are read, so neither time
nor memory follows a count that was only declared.

Source: WebAssembly core specification, "Binary Format: Modules".
"""

from collections.abc import Callable
from typing import Final, TypeVar

from lifecycle.wasm.constants import skip_constant
from lifecycle.wasm.contents import Contents
from lifecycle.wasm.cursor import Cursor
from lifecycle.wasm.faults import (
    UnfitModuleError,
    check_limit,
    feature_refused,
    malformed,
)
from lifecycle.wasm.policy import WasmLimits
from lifecycle.wasm.report import (
    LISTED,
    Export,
    ExternType,
    FunctionType,
    Import,
    Kind,
    TagType,
)
from lifecycle.wasm.types import (
    read_global_type,
    read_memory_type,
    read_table_type,
    read_type_entry,
    read_value_type,
)

T = TypeVar("T")

Reader = Callable[[Cursor, Contents, WasmLimits], None]
"""Reads one whole section into the contents."""

_KINDS: Final[tuple[Kind, ...]] = ("function", "table", "memory", "global", "tag")
_COMPACT_IMPORTS: Final = frozenset({0x7E, 0x7F})
_INITIALISED_TABLE: Final = 0x40
# Bits of a segment's flags; a data segment has only the first two, and not both.
_PASSIVE: Final = 1
_INDEXED: Final = 2
_EXPRESSIONS: Final = 4
_LAST_ELEMENT_FORM: Final = 7


def read_types(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the type section."""
    count = cursor.u32()
    check_limit("types", count, limits.types)
    for _ in range(count):
        read_type_entry(cursor, contents, limits)


def read_imports(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the import section."""
    count = cursor.u32()
    check_limit("imports", count, limits.imports)
    for _ in range(count):
        module = cursor.name(limits.name_bytes)
        name = cursor.name(limits.name_bytes)
        kind, imported = _read_import_type(cursor, contents, limits)
        if len(contents.imports) < LISTED:
            contents.imports.append(Import(module, name, kind, imported))
    contents.imports_total = count
    contents.imported_functions = len(contents.functions)


def read_functions(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the function section: one type index for each body."""
    count = cursor.u32()
    check_limit("functions", count, limits.functions)
    for _ in range(count):
        _add_function(cursor, contents, limits)


def read_tables(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the table section."""
    count = cursor.u32()
    check_limit("tables", count, limits.tables)
    for _ in range(count):
        initialised = cursor.peek() == _INITIALISED_TABLE
        if initialised:
            contents.features.add("function-references")
            cursor.skip(2)
        read_table_type(cursor, contents, limits)
        if initialised:
            skip_constant(cursor, contents, limits)


def read_memories(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the memory section."""
    count = cursor.u32()
    check_limit("memories", count, limits.memories)
    for _ in range(count):
        read_memory_type(cursor, contents, limits)


def read_tags(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the tag section."""
    count = cursor.u32()
    check_limit("tags", count, limits.tags)
    for _ in range(count):
        _read_tag(cursor, contents, limits)


def read_globals(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the global section."""
    count = cursor.u32()
    check_limit("globals", count, limits.globals)
    for _ in range(count):
        read_global_type(cursor, contents, limits)
        skip_constant(cursor, contents, limits)


def read_exports(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the export section; the listing stops at ``LISTED``."""
    count = cursor.u32()
    check_limit("exports", count, limits.exports)
    for _ in range(count):
        name = cursor.name(limits.name_bytes)
        kind = _read_kind(cursor)
        index = cursor.u32()
        exported = _type_of(kind, index, cursor, contents)
        if getattr(exported, "mutable", False):
            contents.features.add("mutable-globals")
        if len(contents.exports) < LISTED:
            contents.exports.append(Export(name, kind, exported))
            contents.export_targets.append(index)
    contents.exports_total = count


def read_start(cursor: Cursor, contents: Contents, _limits: WasmLimits) -> None:
    """Read the start section."""
    cursor.u32()
    contents.has_start = True


def read_elements(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the element section."""
    count = cursor.u32()
    check_limit("element_segments", count, limits.element_segments)
    for _ in range(count):
        _read_element_segment(cursor, contents, limits)
    contents.element_segments = count


def read_data_count(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the data count section."""
    check_limit("data_segments", cursor.u32(), limits.data_segments)
    contents.features.add("bulk-memory")


def read_code(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the code section: each body's locals; its instructions are passed."""
    count = cursor.u32()
    check_limit("functions", count, limits.functions)
    part = cursor.part
    for _ in range(count):
        size = cursor.u32()
        start = cursor.at
        cursor.skip(size)
        contents.bodies.append((start, cursor.at))
        body = Cursor(cursor.data, start, cursor.at, part)
        groups = body.u32()
        if groups:
            _read_locals(body, groups, contents, limits)


def read_data(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read the data section; the bytes are counted, not kept."""
    count = cursor.u32()
    check_limit("data_segments", count, limits.data_segments)
    for _ in range(count):
        _read_data_segment(cursor, contents, limits)
    contents.data_segments = count


def _read_import_type(
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> tuple[Kind, ExternType]:
    kind = _read_kind(cursor)
    if kind == "function":
        return kind, _add_function(cursor, contents, limits)
    if kind == "table":
        read_table_type(cursor, contents, limits)
        return kind, contents.tables[-1]
    if kind == "memory":
        read_memory_type(cursor, contents, limits)
        return kind, contents.memories[-1]
    if kind == "tag":
        return kind, _read_tag(cursor, contents, limits)
    read_global_type(cursor, contents, limits)
    if contents.globals[-1].mutable:
        contents.features.add("mutable-globals")
    return kind, contents.globals[-1]


def _add_function(
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> FunctionType:
    index = cursor.u32()
    signature = _signature(index, cursor, contents)
    contents.functions.append(index)
    contents.params_total += len(signature.params)
    check_limit("params_total", contents.params_total, limits.params_total)
    return signature


def _read_tag(cursor: Cursor, contents: Contents, limits: WasmLimits) -> TagType:
    contents.features.add("exceptions")
    cursor.byte()
    tag = TagType(_signature(cursor.u32(), cursor, contents).params)
    contents.tags.append(tag)
    check_limit("tags", len(contents.tags), limits.tags)
    return tag


def _read_kind(cursor: Cursor) -> Kind:
    code = cursor.byte()
    if code < len(_KINDS):
        return _KINDS[code]
    if code in _COMPACT_IMPORTS and cursor.part == "import section":
        raise UnfitModuleError(feature_refused(("compact-imports",), ""))
    message = f"The {cursor.part} holds a kind of entry that does not exist."
    raise malformed("bad_kind", message, section=cursor.part)


def _type_of(kind: Kind, index: int, cursor: Cursor, contents: Contents) -> ExternType:
    if kind == "function":
        return _signature(_at(contents.functions, index, cursor), cursor, contents)
    if kind == "table":
        return _at(contents.tables, index, cursor)
    if kind == "memory":
        return _at(contents.memories, index, cursor)
    if kind == "tag":
        return _at(contents.tags, index, cursor)
    return _at(contents.globals, index, cursor)


def _signature(index: int, cursor: Cursor, contents: Contents) -> FunctionType:
    signature = _at(contents.types, index, cursor)
    if signature is None:
        message = f"The {cursor.part} names a type that is not a function's."
        raise malformed("bad_type", message, section=cursor.part)
    return signature


def _at(items: list[T], index: int, cursor: Cursor) -> T:
    if index < len(items):
        return items[index]
    message = f"The {cursor.part} names an index that the module does not have."
    raise malformed("bad_index", message, section=cursor.part)


def _read_locals(
    body: Cursor,
    groups: int,
    contents: Contents,
    limits: WasmLimits,
) -> None:
    # A group of no locals costs time too, so groups have a limit of their own.
    contents.local_groups_total += groups
    total = contents.local_groups_total
    check_limit("local_groups_total", total, limits.local_groups_total)
    count = 0
    for _ in range(groups):
        count += body.u32()
        check_limit("locals_per_function", count, limits.locals_per_function)
        read_value_type(body, contents)


def _read_element_segment(
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> None:
    flags = cursor.u32()
    if flags > _LAST_ELEMENT_FORM:
        raise _bad_flags(cursor)
    active = not flags & _PASSIVE
    if active and flags & _INDEXED:
        cursor.u32()
    if active:
        skip_constant(cursor, contents, limits)
    else:
        contents.features.add("bulk-memory")
    expressions = bool(flags & _EXPRESSIONS)
    if flags & (_PASSIVE | _INDEXED):
        _skip_element_kind(cursor, contents, expressions=expressions)
    _skip_element_items(cursor, contents, limits, expressions=expressions)


def _skip_element_kind(
    cursor: Cursor,
    contents: Contents,
    *,
    expressions: bool,
) -> None:
    if expressions:
        read_value_type(cursor, contents)
    else:
        cursor.byte()


def _skip_element_items(
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
    *,
    expressions: bool,
) -> None:
    count = cursor.u32()
    contents.element_items += count
    check_limit("element_items", contents.element_items, limits.element_items)
    if not expressions:
        cursor.skip_u32s(count)
        return
    for _ in range(count):
        skip_constant(cursor, contents, limits)


def _read_data_segment(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    flags = cursor.u32()
    if flags > _INDEXED:
        raise _bad_flags(cursor)
    if flags == _INDEXED:
        cursor.u32()
    if flags == _PASSIVE:
        contents.features.add("bulk-memory")
    else:
        skip_constant(cursor, contents, limits)
    size = cursor.u32()
    contents.data_bytes += size
    check_limit("data_bytes", contents.data_bytes, limits.data_bytes)
    cursor.skip(size)


def _bad_flags(cursor: Cursor) -> UnfitModuleError:
    message = f"The {cursor.part} holds a segment of a kind that does not exist."
    return malformed("bad_kind", message, section=cursor.part)
