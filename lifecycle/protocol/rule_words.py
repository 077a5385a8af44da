"""The words of the rules' rejections.

In a template `{fact}` is quoted, `{fact:plain}` is not, and `[[...]]` is left out where one of its
facts is missing.
"""

from collections.abc import Mapping
from typing import Final

RULE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "world_exists": (
        "The world[[ {world_id}]][[ {world}]] exists already.",
        "Choose another name for the new world, or use the one that is there.",
    ),
    "location_exists": (
        "The location {location_id} exists already in this world.",
        "Choose an id that no location of this world has.",
    ),
    "agent_exists": (
        "The agent {agent_id} exists already in this world.",
        "Choose an id that no agent of this world has.",
    ),
    "agent_not_found": (
        "{field} names the agent {agent_id}, which is not in this world.",
        "Name an agent of this world, or self.",
    ),
    "location_not_found": (
        "{field} names the location {location_id}, which is not in this world.",
        "Name a location of this world, as world_observation lists them.",
    ),
    "artifact_unknown": (
        "wasm_hash is well-formed, but no artifact {wasm_hash} was deployed in this world.",
        "Deploy or compile the module first; module_lifecycle_status lists the artifacts.",
    ),
    "not_artifact_owner": (
        "The agent {installer} does not own this artifact; {publisher} published it first.",
        (
            "Deploy the same bytes as this agent first, which makes it an owner too, or install an "
            "artifact that it owns."
        ),
    ),
    "hash_mismatch": (
        "wasm_hash says {wasm_hash}, but the bytes in wasm_bytes_hex have the SHA-256 {actual}.",
        (
            "Send the SHA-256 of exactly the bytes in wasm_bytes_hex; if the bytes are not what "
            "you meant to send, send them whole."
        ),
    ),
    "invalid_wasm": (
        "{field} is not a WebAssembly module that this world accepts: {reason:plain}.",
        "Send a valid WebAssembly core module in the binary format.",
    ),
    "invalid_wasm.not_wasm": (
        "{field} is not binary WebAssembly: it does not start with 00 61 73 6d.",
        "Send the bytes of a compiled .wasm file.",
    ),
    "invalid_wasm.text_format": (
        "{field} is WebAssembly text, not the binary format.",
        (
            "Send the text as a .wat file with compile_module_artifact_from_source, or send the "
            "compiled bytes."
        ),
    ),
    "invalid_wasm.component": (
        "{field} is a WebAssembly component, not a core module.",
        "Send a core module; build for wasm32-unknown-unknown, without a component step.",
    ),
    "invalid_wasm.truncated": (
        "{field} ends in the middle of the module[[, in the {section:plain}]].",
        "Send all bytes of the module.",
    ),
    "invalid_wasm.too_large": (
        "The module of {field} has {actual} bytes, and at most {maximum} are allowed.",
        "Make the module smaller: optimise for size and strip debug sections.",
    ),
    "invalid_wasm.feature_not_allowed": (
        (
            "The module of {field} uses the WebAssembly feature {feature}, which this world does "
            "not allow."
        ),
        "Compile without {feature:plain}.[[ Compiler flags that turn it off: {flags:plain}.]]",
    ),
    "invalid_wasm.limit_exceeded": (
        (
            "The module of {field} has {actual} for the limit {limit_name:plain}, and at most "
            "{maximum} is allowed."
        ),
        "Build a module that keeps {limit_name:plain} at {maximum} or less.",
    ),
    "invalid_wasm.malformed": (
        (
            "The module of {field} breaks the rules of WebAssembly"
            "[[: {fault:plain}]][[, in the {section:plain}]]."
        ),
        (
            "Send a module that a validator accepts; compile it again if it was edited by hand. "
            "The diagnostics tell the place and the reason, where the validator named them."
        ),
    ),
    "module_id_taken": (
        "The module id {module_id} is held by the agent {holder}, who has installed under it.",
        "Install under another module_id.",
    ),
    "empty_field": (
        "{field} is empty.",
        "Give {field} a value that is not blank.",
    ),
    "limit_exceeded": (
        "{field} reaches {actual}, and the limit {limit:plain} is {maximum}.",
        "Stay at or below {maximum}; module_lifecycle_status lists all limits.",
    ),
    "limit_exceeded.pending": (
        "This would be compile {actual} of the publisher that waits or runs, and {maximum} may.",
        "Wait until one has ended, as module_lifecycle_status tells, and send the decision again.",
    ),
    "invalid_source_path": (
        "source_files holds the path {path}, which is refused: {reason:plain}.",
        (
            "Use relative paths such as src/lib.rs: folders joined by single /, without . or .. "
            "segments, backslashes, colons or invisible characters."
        ),
    ),
    "manifest_missing": (
        "manifest_path is {manifest_path}, but source_files holds no such file; it holds {files}.",
        "Give manifest_path exactly as one of the paths in source_files.",
    ),
    "manifest_unsupported": (
        "No toolchain takes the manifest {manifest_path}.",
        "Use a manifest_path that ends in .wat, .zig or .c, or a Cargo.toml.",
    ),
    "build_program_forbidden": (
        "The file {path} is refused: {reason:plain}.",
        (
            "Leave it out; a package may hold only sources and plain settings, nothing that runs "
            "while it is built."
        ),
    ),
    "dependency_unavailable": (
        "{path} depends on {dependency}, which is not in the package; a compile has no network.",
        "Put the dependency's sources into source_files and name them by path, or do without it.",
    ),
}
