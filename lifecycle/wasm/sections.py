"""Walking a module's sections in order, handing each to its reader.

What a section holds must not be read here; that is ``entries.py``.

Source: WebAssembly core specification, "Binary Format: Modules".
"""

from hashlib import sha256
from typing import Final

from lifecycle.wasm import entries
from lifecycle.wasm.contents import Contents
from lifecycle.wasm.cursor import WHOLE, Cursor
from lifecycle.wasm.custom import read_custom
from lifecycle.wasm.faults import malformed
from lifecycle.wasm.policy import WasmLimits

HEADER_BYTES: Final = 8

# In the order in which a module must hold them, which is not that of the ids.
_SECTIONS: Final[tuple[tuple[int, str, entries.Reader], ...]] = (
    (1, "type section", entries.read_types),
    (2, "import section", entries.read_imports),
    (3, "function section", entries.read_functions),
    (4, "table section", entries.read_tables),
    (5, "memory section", entries.read_memories),
    (13, "tag section", entries.read_tags),
    (6, "global section", entries.read_globals),
    (7, "export section", entries.read_exports),
    (8, "start section", entries.read_start),
    (9, "element section", entries.read_elements),
    (12, "data count section", entries.read_data_count),
    (10, "code section", entries.read_code),
    (11, "data section", entries.read_data),
)
_PLACE: Final = {number: place for place, (number, _, _) in enumerate(_SECTIONS)}
_CUSTOM: Final = 0


def read_sections(wasm: bytes, limits: WasmLimits) -> tuple[Contents, str]:
    """Read a core module whose header was already checked.

    Args:
        wasm: The whole module; its size is within the limit.
        limits: Held against every count before its entries are read.

    Returns:
        What it declares, and the SHA-256 (lower-case hex) of its header and
        sections without the custom ones.

    Raises:
        UnfitModuleError: It breaks the format or passes a limit.
    """
    contents = Contents()
    cursor = Cursor(wasm, HEADER_BYTES, len(wasm), WHOLE)
    stripped = sha256(wasm[:HEADER_BYTES])
    place = -1
    while cursor.at < len(wasm):
        start = cursor.at
        number = cursor.byte()
        size = cursor.u32()
        body = cursor.at
        cursor.skip(size)
        if number == _CUSTOM:
            section = Cursor(wasm, body, cursor.at, "custom section")
            read_custom(section, contents, limits)
            continue
        place = _next_place(number, place)
        _read_section(place, Cursor(wasm, body, cursor.at, ""), contents, limits)
        stripped.update(wasm[start : cursor.at])
    return contents, stripped.hexdigest()


def _next_place(number: int, after: int) -> int:
    place = _PLACE.get(number)
    if place is None:
        message = f"The module holds a section of the unknown kind {number}."
        raise malformed("unknown_section", message, section_number=number)
    if place <= after:
        name = _SECTIONS[place][1]
        message = f"The {name} is repeated or out of order."
        raise malformed("section_order", message, section=name)
    return place


def _read_section(
    place: int,
    cursor: Cursor,
    contents: Contents,
    limits: WasmLimits,
) -> None:
    _, cursor.part, read = _SECTIONS[place]
    read(cursor, contents, limits)
    if cursor.at != cursor.end:
        message = f"The {cursor.part} is longer than what it holds."
        raise malformed("section_size_mismatch", message, section=cursor.part)
