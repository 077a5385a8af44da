"""Saying in which part of a module an offset falls, for people and models.

Judging the module must not be put here; nor is what it says ever recorded,
since the offsets come from the engine.
"""

import re
from typing import Final

from lifecycle.wasm.contents import Contents

_OFFSET: Final = re.compile(r"\(at offset 0x([0-9a-f]+)\)")


def name_place(complaint: str, contents: Contents) -> str:
    """Put the function before a complaint that names only an offset.

    Args:
        complaint: The engine's words.
        contents: What the reader found in the same bytes.

    Returns:
        ``function 3 ("run"), byte 7 of its body: …`` when the offset is in a
        body; ``functions`` are counted with the imported ones, as compilers and
        text-format tools do, and the name is that of its first export. Else the
        complaint as it is.
    """
    found = _OFFSET.search(complaint)
    if found is None:
        return complaint
    offset = int(found[1], 16)
    for place, (start, end) in enumerate(contents.bodies):
        if start <= offset < end:
            index = contents.imported_functions + place
            function = f"function {index}{_exported_name(index, contents)}"
            return f"{function}, byte {offset - start} of its body: {complaint}"
    return complaint


def _exported_name(index: int, contents: Contents) -> str:
    for export, target in zip(contents.exports, contents.export_targets, strict=True):
        if export.kind == "function" and target == index:
            return f" ({export.name!r})"
    return ""
