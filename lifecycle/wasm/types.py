"""Reading types: values, functions, tables, memories, globals.

Walking sections must not be put here; that is ``sections.py``.

Source: WebAssembly core specification, "Binary Format: Types", with the
proposals that the engine knows. Whether a type is allowed is the engine's word.
"""

from typing import Final

from lifecycle.wasm.contents import Contents
from lifecycle.wasm.cursor import Cursor
from lifecycle.wasm.faults import UnfitModuleError, check_limit, malformed
from lifecycle.wasm.policy import WasmLimits
from lifecycle.wasm.report import (
    FunctionType,
    GlobalType,
    IndexType,
    MemoryType,
    TableType,
)

_NUMBERS: Final = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}
_ABSTRACT: Final = {
    0x70: "func",
    0x6F: "extern",
    0x6E: "any",
    0x6D: "eq",
    0x6C: "i31",
    0x6B: "struct",
    0x6A: "array",
    0x69: "exn",
    0x68: "cont",
}
_BOTTOM: Final = {
    0x71: "none",
    0x72: "noextern",
    0x73: "nofunc",
    0x74: "noexn",
    0x75: "nocont",
}
_BOTTOM_REFERENCES: Final = {
    0x71: "nullref",
    0x72: "nullexternref",
    0x73: "nullfuncref",
    0x74: "nullexnref",
    0x75: "nullcontref",
}
_ONE_BYTE_VALUES: Final = (
    _NUMBERS
    | {0x7B: "v128"}
    | {code: f"{name}ref" for code, name in _ABSTRACT.items()}
    | _BOTTOM_REFERENCES
)
_ONE_BYTE_CODES: Final = bytes(_ONE_BYTE_VALUES)
_HEAP_NAMES: Final = {code - 0x80: name for code, name in (_ABSTRACT | _BOTTOM).items()}
_FEATURE_OF_VALUE: Final = {
    "v128": "simd",
    "externref": "reference-types",
    "exnref": "exceptions",
    "nullexnref": "exceptions",
    "contref": "stack-switching",
    "nullcontref": "stack-switching",
}
_GC_VALUES: Final = frozenset(
    {"anyref", "eqref", "i31ref", "structref", "arrayref", "nullref"},
)
_GROUP: Final = 0x4E
_SUB_TYPES: Final = frozenset({0x50, 0x4F})
_FUNCTION: Final = 0x60
_STRUCT: Final = 0x5F
_ARRAY: Final = 0x5E
_CONTINUATION: Final = 0x5D
_PACKED: Final = frozenset({0x77, 0x78})
_NULLABLE: Final = 0x63
_NOT_NULLABLE: Final = 0x64
_PAGE_BYTES: Final = 65_536
_PAGE_EXPONENT: Final = 16


def read_value_type(cursor: Cursor, contents: Contents) -> str:
    """Read one value type; return its name in the text format."""
    code = cursor.byte()
    name = _ONE_BYTE_VALUES.get(code)
    if name is not None:
        _note_value(name, contents)
        return name
    if code not in {_NULLABLE, _NOT_NULLABLE}:
        raise _bad_type(cursor, "value")
    contents.features.add("function-references")
    null = "null " if code == _NULLABLE else ""
    return f"(ref {null}{read_heap_type(cursor)})"


def read_heap_type(cursor: Cursor) -> str:
    """Read what a reference points to: a type's index or an abstract type."""
    code = cursor.s33()
    if code >= 0:
        return str(code)
    name = _HEAP_NAMES.get(code)
    if name is None:
        raise _bad_type(cursor, "heap")
    return name


def read_type_entry(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read one entry of the type section: a type or a recursive group of them."""
    if cursor.peek() != _GROUP:
        _read_sub_type(cursor, contents, limits)
        return
    cursor.byte()
    contents.features.add("gc")
    count = cursor.u32()
    check_limit("types", len(contents.types) + count, limits.types)
    for _ in range(count):
        _read_sub_type(cursor, contents, limits)


def read_table_type(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read a table's type into ``contents``, holding its size to the limits."""
    element = read_value_type(cursor, contents)
    flags = _read_flags(cursor, 0x07, "table")
    minimum, maximum = _read_range(cursor, flags)
    check_limit("table_minimum_elements", minimum, limits.table_minimum_elements)
    check_limit("table_maximum_elements", maximum or 0, limits.table_maximum_elements)
    contents.tables.append(TableType(element, minimum, maximum, _index_type(flags)))
    check_limit("tables", len(contents.tables), limits.tables)
    if len(contents.tables) > 1:
        contents.features.add("reference-types")
    if flags & 0x04:
        contents.features.add("memory64")


def read_memory_type(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read a memory's type into ``contents``, holding its size to the limits."""
    flags = _read_flags(cursor, 0x0F, "memory")
    minimum, maximum = _read_range(cursor, flags)
    page_bytes = _read_page_size(cursor) if flags & 0x08 else _PAGE_BYTES
    pages = -(-minimum * page_bytes // _PAGE_BYTES)
    check_limit("memory_minimum_pages", pages, limits.memory_minimum_pages)
    pages = -(-(maximum or 0) * page_bytes // _PAGE_BYTES)
    check_limit("memory_maximum_pages", pages, limits.memory_maximum_pages)
    memory = MemoryType(
        minimum,
        maximum,
        page_bytes,
        _index_type(flags),
        shared=bool(flags & 0x02),
    )
    contents.memories.append(memory)
    _note_memory(flags, contents)
    check_limit("memories", len(contents.memories), limits.memories)


def read_global_type(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Read a global's type into ``contents``."""
    value = read_value_type(cursor, contents)
    mutable = cursor.byte()
    if mutable > 1:
        raise _bad_type(cursor, "global")
    contents.globals.append(GlobalType(value, mutable=bool(mutable)))
    check_limit("globals", len(contents.globals), limits.globals)


def _read_sub_type(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    form = cursor.byte()
    if form in _SUB_TYPES:
        contents.features.add("gc")
        supertypes = cursor.u32()
        check_limit("types", supertypes, limits.types)
        cursor.skip_u32s(supertypes)
        form = cursor.byte()
    read = _read_function_type(cursor, contents, limits) if form == _FUNCTION else None
    if read is None:
        _read_other_type(form, cursor, contents, limits)
    contents.types.append(read)
    check_limit("types", len(contents.types), limits.types)


def _read_function_type(
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> FunctionType:
    count = cursor.u32()
    check_limit("params_per_function", count, limits.params_per_function)
    _count_values(count, contents, limits)
    params = _read_value_types(cursor, contents, count)
    count = cursor.u32()
    check_limit("results_per_function", count, limits.results_per_function)
    _count_values(count, contents, limits)
    if count > 1:
        contents.features.add("multi-value")
    return FunctionType(params, _read_value_types(cursor, contents, count))


def _read_other_type(
    form: int,
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> None:
    fields = 1
    if form == _CONTINUATION:
        contents.features.add("stack-switching")
        read_heap_type(cursor)
        return
    if form == _STRUCT:
        fields = cursor.u32()
        check_limit("struct_fields", fields, limits.struct_fields)
    elif form != _ARRAY:
        raise _bad_type(cursor, "composite")
    contents.features.add("gc")
    _count_values(fields, contents, limits)
    for _ in range(fields):
        _skip_field(cursor, contents)


def _skip_field(cursor: Cursor, contents: Contents) -> None:
    if cursor.peek() in _PACKED:
        cursor.byte()
    else:
        read_value_type(cursor, contents)
    cursor.byte()


def _count_values(count: int, contents: Contents, limits: WasmLimits) -> None:
    # Many types of many values each would pass both of those limits.
    contents.type_values += count
    check_limit("type_values", contents.type_values, limits.type_values)


def _read_value_types(
    cursor: Cursor,
    contents: Contents,
    count: int,
) -> tuple[str, ...]:
    block = cursor.data[cursor.at : min(cursor.at + count, cursor.end)]
    if len(block) == count and not block.translate(None, _ONE_BYTE_CODES):
        cursor.at += count
        names = tuple(map(_ONE_BYTE_VALUES.__getitem__, block))
        for name in set(names):
            _note_value(name, contents)
        return names
    return tuple(read_value_type(cursor, contents) for _ in range(count))


def _read_flags(cursor: Cursor, known: int, what: str) -> int:
    flags = cursor.byte()
    if flags & ~known:
        raise _bad_type(cursor, what)
    return flags


def _read_range(cursor: Cursor, flags: int) -> tuple[int, int | None]:
    read = cursor.u64 if flags & 0x04 else cursor.u32
    minimum = read()
    return minimum, read() if flags & 0x01 else None


def _read_page_size(cursor: Cursor) -> int:
    exponent = cursor.u32()
    # Guarded before shifting: 2 ** (2 ** 32) would not fit in memory.
    if exponent > _PAGE_EXPONENT:
        raise _bad_type(cursor, "memory")
    return 1 << exponent


def _index_type(flags: int) -> IndexType:
    return "i64" if flags & 0x04 else "i32"


def _note_value(name: str, contents: Contents) -> None:
    if name in _FEATURE_OF_VALUE:
        contents.features.add(_FEATURE_OF_VALUE[name])
    elif name in _GC_VALUES:
        contents.features.add("gc")


def _note_memory(flags: int, contents: Contents) -> None:
    if len(contents.memories) > 1:
        contents.features.add("multi-memory")
    if flags & 0x02:
        contents.features.add("threads")
    if flags & 0x04:
        contents.features.add("memory64")
    if flags & 0x08:
        contents.features.add("custom-page-sizes")


def _bad_type(cursor: Cursor, what: str) -> UnfitModuleError:
    message = f"The {cursor.part} holds a {what} type that does not exist."
    return malformed("bad_type", message, section=cursor.part)
