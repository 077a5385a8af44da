"""Modules for the tests of this room, written by hand byte for byte or as text.

Expectations and tests must not be put here.
"""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from wasmtime import wat2wasm

from lifecycle.wasm.inspect import Inspection, InvalidModule, inspect_module
from lifecycle.wasm.policy import WasmPolicy

HEADER: Final = b"\0asm\x01\0\0\0"
"""The smallest module: magic and version."""

NO_TYPE: Final = b"\x01\x60\0\0"
"""A type section's body: one type, ``(func)``."""


def seconds_allowed() -> float:
    """Return how long one judgement may take; a tracer multiplies that time."""
    return 1 if sys.gettrace() is None else 15


def leb(number: int) -> bytes:
    """Encode an unsigned LEB128."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def section(number: int, body: bytes) -> bytes:
    """Encode a section."""
    return bytes([number]) + leb(len(body)) + body


def vector(*items: bytes) -> bytes:
    """Encode a vector: the count, then the items."""
    return leb(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    """Encode a name."""
    return leb(len(text.encode())) + text.encode()


def custom(title: str, content: bytes = b"") -> bytes:
    """Encode a custom section."""
    return section(0, name(title) + content)


def module(*sections: bytes) -> bytes:
    """Put the header before sections."""
    return HEADER + b"".join(sections)


def wat(text: str) -> bytes:
    """Assemble text by wasmtime's assembler, which accepts every proposal."""
    return bytes(wat2wasm(text))


def accepted(wasm: bytes, policy: WasmPolicy | None = None) -> Inspection:
    """Inspect a module that has to be accepted."""
    verdict = inspect_module(wasm, policy or WasmPolicy())
    assert isinstance(verdict, Inspection), verdict
    return verdict


def refused(wasm: bytes, policy: WasmPolicy | None = None) -> InvalidModule:
    """Inspect a module that has to be refused."""
    verdict = inspect_module(wasm, policy or WasmPolicy())
    assert isinstance(verdict, InvalidModule), verdict
    return verdict


def compile_c(source: str, folder: Path, flags: str = "") -> bytes:
    """Compile a C file with zig's clang, as a freestanding module."""
    (folder / "source.c").write_text(source)
    options = "cc -target wasm32-freestanding -nostdlib -Wl,--no-entry -O2"
    command = [sys.executable, "-m", "ziglang", *shlex.split(f"{options} {flags}")]
    # Zig's cache is kept in the test's folder: a test leaves nothing elsewhere.
    subprocess.run(
        [*command, "source.c", "-o", "out.wasm"],
        cwd=folder,
        check=True,
        env={"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)},
    )
    return (folder / "out.wasm").read_bytes()
