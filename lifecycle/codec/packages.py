"""Source packages and diagnostics as content: canonical bytes and back."""

from typing import cast

import msgspec

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonValue


def encode_package(package: SourcePackage) -> bytes:
    """Give a package's canonical bytes; their SHA-256 is the source digest."""
    return canonical_bytes({"files": dict(package.files), "manifest_path": package.manifest_path})


def decode_package(encoded: bytes) -> SourcePackage:
    """Read a package back.

    Raises:
        msgspec.MsgspecError: the bytes are not a package.
    """
    return msgspec.json.decode(encoded, type=SourcePackage)


def encode_diagnostics(diagnostics: list[dict[str, JsonValue]]) -> bytes:
    """Give the canonical bytes of a compiler's diagnostics."""
    return canonical_bytes(diagnostics)


def decode_diagnostics(encoded: bytes) -> list[dict[str, JsonValue]]:
    """Read diagnostics back."""
    return cast("list[dict[str, JsonValue]]", msgspec.json.decode(encoded, type=list))
