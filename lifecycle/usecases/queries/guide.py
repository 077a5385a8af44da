"""The tool `world_rules_guide`: what is allowed, and how the refusals are avoided."""

from collections.abc import Mapping
from typing import Final

from lifecycle.protocol.names import COMPILE, DECISION_NAMES, DEPLOY, INSTALL, MOVE_AGENT
from lifecycle.protocol.schema import MODELS
from lifecycle.protocol.wording import hint_of
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.status import limits_document

_OF_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    MOVE_AGENT: ("location_not_found",),
    COMPILE: (
        "empty_field",
        "limit_exceeded",
        "invalid_source_path",
        "manifest_missing",
        "manifest_unsupported",
        "build_program_forbidden",
        "dependency_unavailable",
        "toolchain_unavailable",
        "compile_failed",
        "compile_timeout",
        "compile_memory_exceeded",
        "compile_output_missing",
        "invalid_wasm",
    ),
    DEPLOY: ("hash_mismatch", "invalid_wasm", "limit_exceeded"),
    INSTALL: ("artifact_unknown", "not_artifact_owner", "module_id_taken"),
}
_OF_FORM: Final = (
    "too_many_decisions",
    "ambiguous_decision",
    "truncated",
    "missing_field",
    "unknown_field",
    "wrong_type",
    "acting_for_another",
)
_MANIFESTS: Final[Mapping[str, str]] = {
    "*.wat": "WebAssembly text, one file",
    "*.zig": "Zig: the root source file; export functions with `export fn`",
    "*.c": "C: all .c files of the package; export functions with "
    '__attribute__((export_name("NAME")))',
    "Cargo.toml": 'Rust: a library with crate-type = ["cdylib"], no dependencies, no build.rs; '
    "export functions with #[no_mangle] pub extern",
}


def world_rules_guide(world: str, decision: str | None = None) -> Document:
    """Tell the rules of all decisions, or of one.

    Args:
        world: The slug of the world whose limits are told.
        decision: A decision's one name.
    """
    names = DECISION_NAMES if decision is None else (decision,)
    return {
        "decisions": [_decision_document(name) for name in names],
        "refusals_of_form": [_refusal_document(code) for code in _OF_FORM],
        "manifests": dict(_MANIFESTS),
        "limits": limits_document(world),
        "advice": [
            "Ask module_lifecycle_status for the hash before you install.",
            "After a failed compile, mend the lines that its diagnostics name, then compile again.",
            "Do not repeat a refused decision unchanged.",
        ],
    }


def _decision_document(name: str) -> Document:
    fields = MODELS[name].model_fields
    return {
        "decision": name,
        "does": (MODELS[name].__doc__ or "").strip(),
        "required": [key for key, field in fields.items() if field.is_required()],
        "optional": [key for key, field in fields.items() if not field.is_required()],
        "refusals": [_refusal_document(code) for code in _OF_RULES.get(name, ())],
    }


def _refusal_document(code: str) -> Document:
    return {"code": code, "avoid": hint_of(code)}
