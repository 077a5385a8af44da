"""Passing over constant expressions: initial values and offsets.

Working out what an expression gives must not be put here; only where it ends.

Source: WebAssembly core specification, "Instructions: Expressions", with the
extended-const and GC proposals. Which are allowed is the policy's word.
"""

from collections.abc import Callable
from typing import Final

from lifecycle.wasm.contents import Contents
from lifecycle.wasm.cursor import Cursor
from lifecycle.wasm.faults import UnfitModuleError, check_limit, malformed
from lifecycle.wasm.policy import WasmLimits
from lifecycle.wasm.types import read_heap_type

_END: Final = 0x0B
_EXTENDED: Final = frozenset({0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E})
_VECTOR: Final = 0xFD
_V128_CONST: Final = 12
_GC: Final = 0xFB
# GC instructions to how many indexes follow: struct.new, struct.new_default,
# array.new, array.new_default, array.new_fixed, the two conversions, ref.i31.
_GC_OPERANDS: Final = {0: 1, 1: 1, 6: 1, 7: 1, 8: 2, 26: 0, 27: 0, 28: 0}


def skip_constant(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Pass over one constant expression and its end.

    Raises:
        UnfitModuleError: It holds an instruction that no constant may hold, or
            the module's constants together are too long.
    """
    while True:
        contents.constant_instructions += 1
        check_limit(
            "constant_instructions",
            contents.constant_instructions,
            limits.constant_instructions,
        )
        code = cursor.byte()
        if code == _END:
            return
        _skip_instruction(code, cursor, contents)


def _skip_instruction(code: int, cursor: Cursor, contents: Contents) -> None:
    skip = _PLAIN.get(code)
    if skip is not None:
        skip(cursor)
    elif code in _EXTENDED:
        contents.features.add("extended-const")
    elif code == _VECTOR and cursor.u32() == _V128_CONST:
        contents.features.add("simd")
        cursor.skip(16)
    elif code == _GC:
        contents.features.add("gc")
        _skip_gc(cursor)
    else:
        raise _not_constant(cursor)


def _skip_gc(cursor: Cursor) -> None:
    operands = _GC_OPERANDS.get(cursor.u32())
    if operands is None:
        raise _not_constant(cursor)
    cursor.skip_u32s(operands)


def _skip_s32(cursor: Cursor) -> None:
    cursor.skip_number(32)


def _skip_s64(cursor: Cursor) -> None:
    cursor.skip_number(64)


def _skip_f32(cursor: Cursor) -> None:
    cursor.skip(4)


def _skip_f64(cursor: Cursor) -> None:
    cursor.skip(8)


def _skip_index(cursor: Cursor) -> None:
    cursor.u32()


def _skip_heap_type(cursor: Cursor) -> None:
    read_heap_type(cursor)


_PLAIN: Final[dict[int, Callable[[Cursor], None]]] = {
    0x23: _skip_index,
    0x41: _skip_s32,
    0x42: _skip_s64,
    0x43: _skip_f32,
    0x44: _skip_f64,
    0xD0: _skip_heap_type,
    0xD2: _skip_index,
}


def _not_constant(cursor: Cursor) -> UnfitModuleError:
    message = f"The {cursor.part} holds an initial value that is not constant."
    return malformed("bad_constant", message, section=cursor.part)
