"""Assembles WebAssembly text, as a program of its own to be run inside of the sandbox.

Hostile text can make an assembler abort, loop or eat memory, so it never runs in a worker. The
file needs nothing but the standard library: inside there is no package, only the engine's shared
library. It must not import the engine's Python package, nor anything of this project.

Usage: ``python -I -S assemble.py LIBRARY INPUT OUTPUT``
"""

import ctypes
import sys


class _Bytes(ctypes.Structure):
    """``wasm_byte_vec_t`` of the engine's C interface."""

    _fields_ = (("size", ctypes.c_size_t), ("data", ctypes.POINTER(ctypes.c_char)))

    def take(self) -> bytes:
        """Copy the content out."""
        return ctypes.string_at(self.data, self.size)


def assemble(library: ctypes.CDLL, text: bytes) -> bytes | str:
    """Turn WebAssembly text into a binary module.

    Returns:
        The module, or the assembler's message, which points to ``<anon>:LINE:COLUMN``.

    Source: wasmtime's C interface, ``wasmtime_wat2wasm`` in ``wasmtime/wat.h``.
    """
    library.wasmtime_wat2wasm.restype = ctypes.c_void_p
    library.wasmtime_wat2wasm.argtypes = (
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.POINTER(_Bytes),
    )
    result = _Bytes()
    error = library.wasmtime_wat2wasm(text, len(text), ctypes.byref(result))
    if not error:
        return result.take()
    message = _Bytes()
    library.wasmtime_error_message.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Bytes))
    library.wasmtime_error_message(error, ctypes.byref(message))
    return message.take().decode(errors="replace")


def main(library: str, source: str, target: str) -> int:
    """Assemble one file; the message of a failure goes to standard error."""
    # Not by pathlib, whose import alone takes longer than the assembling.
    with open(source, "rb") as stream:  # noqa: PTH123
        made = assemble(ctypes.CDLL(library), stream.read())
    if isinstance(made, str):
        sys.stderr.write(made)
        return 1
    with open(target, "wb") as stream:  # noqa: PTH123
        stream.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
