"""Reading custom sections: their names, and two that compilers write claims in.

A fault inside one must not make a module invalid: the specification lets anyone
put anything there. Only the name is part of the format.

Source: WebAssembly tool conventions, "ProducersSection" and "Linking" (target
features).
"""

from typing import Final

from lifecycle.wasm.contents import Contents
from lifecycle.wasm.cursor import Cursor
from lifecycle.wasm.faults import UnfitModuleError, check_limit
from lifecycle.wasm.policy import WasmLimits
from lifecycle.wasm.report import CustomSection, Producer

_MOST_CLAIMS: Final = 64
_CLAIM_BYTES: Final = 256


def read_custom(cursor: Cursor, contents: Contents, limits: WasmLimits) -> None:
    """Note a custom section; ``cursor`` stands at its name, ends at its end."""
    contents.custom_bytes += cursor.end - cursor.at
    check_limit("custom_bytes", contents.custom_bytes, limits.custom_bytes)
    name = cursor.name(limits.name_bytes)
    section = CustomSection(name, cursor.end - cursor.at)
    contents.custom_sections.append(section)
    count = len(contents.custom_sections)
    check_limit("custom_sections", count, limits.custom_sections)
    try:
        _read_claims(name, cursor, contents)
    except UnfitModuleError:
        # A claim that cannot be read is no claim.
        return


def _read_claims(name: str, cursor: Cursor, contents: Contents) -> None:
    if name == "producers" and not contents.producers:
        contents.producers = _read_producers(cursor)
    elif name == "target_features" and not contents.target_features:
        contents.target_features = _read_target_features(cursor)


def _read_producers(cursor: Cursor) -> tuple[Producer, ...]:
    producers: list[Producer] = []
    for _ in range(_claims(cursor)):
        field = cursor.name(_CLAIM_BYTES)
        for _ in range(_claims(cursor)):
            tool = cursor.name(_CLAIM_BYTES)
            producers.append(Producer(field, tool, cursor.name(_CLAIM_BYTES)))
    return tuple(producers[:_MOST_CLAIMS])


def _read_target_features(cursor: Cursor) -> tuple[str, ...]:
    # Each is a one-byte sign ("+" used, "-" forbidden) and LLVM's name.
    return tuple(
        cursor.take(1).decode("latin-1") + cursor.name(_CLAIM_BYTES) for _ in range(_claims(cursor))
    )


def _claims(cursor: Cursor) -> int:
    count = cursor.u32()
    check_limit("claims", count, _MOST_CLAIMS)
    return count
