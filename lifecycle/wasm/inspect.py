"""Judging the bytes of a module: what it holds, or why it is refused.

Compiling, instantiating or running a module must not be put here.
"""

from typing import Final

from lifecycle.wasm.contents import Contents
from lifecycle.wasm.engine import complaint, missing_features
from lifecycle.wasm.faults import UnfitModuleError, feature_refused, over_limit
from lifecycle.wasm.locate import name_place
from lifecycle.wasm.policy import WasmPolicy
from lifecycle.wasm.report import LISTED, Inspection, InvalidModule
from lifecycle.wasm.sections import HEADER_BYTES, read_sections

__all__ = ["Inspection", "InvalidModule", "inspect_module"]

_MAGIC: Final = b"\0asm"
_VERSION: Final = 1
_COMPONENT_LAYER: Final = 1
_TEXT_STARTS: Final = (b"(", b";;")


def inspect_module(wasm: bytes, policy: WasmPolicy) -> Inspection | InvalidModule:
    """Judge a module by the policy, compiling and running nothing.

    Its size and header come first, then its declarations are read and held
    against the limits in time linear in the size, and only then does the
    engine's validator see it.

    Args:
        wasm: The bytes; anything at all, they are hostile.
        policy: The features and limits of the world.

    Returns:
        What the module holds, or why it is refused. Never raises for any bytes.
    """
    refusal = _check_header(wasm, policy)
    if refusal is not None:
        return refusal
    try:
        contents, stripped_sha256 = read_sections(wasm, policy.limits)
    except UnfitModuleError as error:
        return error.verdict
    refusal = _validate(wasm, contents, policy)
    if refusal is not None:
        return refusal
    return _inspection(wasm, contents, stripped_sha256)


def _check_header(wasm: bytes, policy: WasmPolicy) -> InvalidModule | None:
    if len(wasm) > policy.limits.module_bytes:
        return over_limit("module_bytes", len(wasm), policy.limits.module_bytes)
    if not wasm.startswith(_MAGIC):
        return _not_wasm(wasm)
    if len(wasm) < HEADER_BYTES:
        message = "The bytes end inside the header of 8 bytes."
        return InvalidModule("truncated", {"section": "header"}, message, "")
    version = int.from_bytes(wasm[4:6], "little")
    layer = int.from_bytes(wasm[6:8], "little")
    if layer == _COMPONENT_LAYER:
        message = "This is a component; a core module is wanted."
        return InvalidModule("component", {"version": version}, message, "")
    if (version, layer) == (_VERSION, 0):
        return None
    facts = {"fault": "unsupported_version", "version": version, "layer": layer}
    message = "The header names a version of WebAssembly other than 1."
    return InvalidModule("malformed", facts, message, "")


def _not_wasm(wasm: bytes) -> InvalidModule:
    facts = {"size_bytes": len(wasm)}
    if wasm.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_TEXT_STARTS):
        message = "This is not binary wasm but the text format; compile it first."
        return InvalidModule("text_format", facts, message, "")
    if wasm and _MAGIC.startswith(wasm):
        message = "The bytes end inside the header of 8 bytes."
        return InvalidModule("truncated", {"section": "header"}, message, "")
    message = "This is not binary wasm: it does not start with 00 61 73 6d."
    return InvalidModule("not_wasm", facts, message, "")


def _validate(
    wasm: bytes,
    contents: Contents,
    policy: WasmPolicy,
) -> InvalidModule | None:
    detail = complaint(wasm, policy.features)
    if detail is None:
        # The engine has no switch for this one; the reader saw it.
        if "extended-const" in contents.features - policy.features:
            return feature_refused(("extended-const",), "")
        return None
    detail = name_place(detail, contents)
    missing = missing_features(wasm, policy.features)
    if missing:
        return feature_refused(missing, detail)
    facts = {"fault": "rejected_by_validator"}
    message = "The module breaks the validation rules of WebAssembly."
    return InvalidModule("malformed", facts, message, detail)


def _inspection(wasm: bytes, read: Contents, stripped_sha256: str) -> Inspection:
    return Inspection(
        size_bytes=len(wasm),
        imports=tuple(read.imports),
        imports_total=read.imports_total,
        exports=tuple(read.exports),
        exports_total=read.exports_total,
        tables=tuple(read.tables[:LISTED]),
        tables_total=len(read.tables),
        memories=tuple(read.memories[:LISTED]),
        memories_total=len(read.memories),
        functions_total=len(read.functions) - read.imported_functions,
        globals_total=len(read.globals),
        element_segments_total=read.element_segments,
        data_segments_total=read.data_segments,
        data_bytes=read.data_bytes,
        has_start=read.has_start,
        custom_sections=tuple(read.custom_sections[:LISTED]),
        custom_sections_total=len(read.custom_sections),
        producers=read.producers,
        target_features=read.target_features,
        features_seen=tuple(sorted(read.features)),
        stripped_sha256=stripped_sha256,
    )
