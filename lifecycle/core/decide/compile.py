"""The rules of compiling: what may be asked for, and how a compile ends."""

from typing import Final

from lifecycle.core.actions import (
    CompileFailed,
    CompileModuleArtifactFromSource,
    FinishCompile,
)
from lifecycle.core.decide.build_programs import find_build_program
from lifecycle.core.decide.deploy import judge_module
from lifecycle.core.decide.source_paths import find_invalid_path
from lifecycle.core.events import Event, ModuleArtifactDeployed, ModuleCompileRequested
from lifecycle.core.ids import AgentId
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    AgentNotFound,
    CompileEnded,
    EmptyField,
    LimitExceeded,
    ManifestMissing,
    ManifestUnsupported,
    Rejection,
    ToolchainUnavailable,
)
from lifecycle.core.source_package import SourcePackage, toolchain_name_for
from lifecycle.core.state import WorldState

_LISTED_FILES: Final = 20


def decide_compile(
    state: WorldState, action: CompileModuleArtifactFromSource, policy: Policy
) -> tuple[Event, ...] | Rejection:
    """Take a source package for compiling, or say what is wrong with it before any work."""
    if action.publisher not in state.agents:
        return AgentNotFound("publisher", action.publisher)
    fault = judge_package(action.source, policy) or _judge_queue(state, action.publisher, policy)
    if fault is not None:
        return fault
    manifest = action.source.manifest_path
    toolchain = toolchain_name_for(manifest, operator_command=policy.operator_command)
    if toolchain is None:
        return ManifestUnsupported(manifest)
    if toolchain in policy.unavailable_toolchains:
        return ToolchainUnavailable(toolchain, policy.unavailable_toolchains[toolchain])
    return (
        ModuleCompileRequested(
            publisher_agent_id=action.publisher,
            module_id=action.module_id,
            manifest_path=manifest,
            toolchain=toolchain,
            source_digest=action.source_digest,
            source_bytes_len=action.source.size_bytes,
            file_count=len(action.source.files),
        ),
    )


def judge_package(source: SourcePackage, policy: Policy) -> Rejection | None:
    """Say what is wrong with a source package: sizes first, then paths, manifest, programs."""
    if not source.files:
        return EmptyField("source_files")
    return (
        _judge_sizes(source, policy)
        or find_invalid_path(source)
        or _judge_texts(source)
        or _judge_manifest(source)
        or find_build_program(source, policy)
    )


def _judge_sizes(source: SourcePackage, policy: Policy) -> Rejection | None:
    if len(source.files) > policy.max_source_files:
        return LimitExceeded(
            "source_files", "max_source_files", policy.max_source_files, len(source.files)
        )
    total = 0
    for text in source.files.values():
        size = len(text.encode())
        total += size
        if size > policy.max_source_file_bytes:
            return LimitExceeded(
                "source_files", "max_source_file_bytes", policy.max_source_file_bytes, size
            )
    if total > policy.max_source_bytes:
        return LimitExceeded("source_files", "max_source_bytes", policy.max_source_bytes, total)
    return None


def _judge_texts(source: SourcePackage) -> Rejection | None:
    for path, text in source.files.items():
        if not text.strip():
            return EmptyField(f"source_files.{path}")
    return None


def _judge_manifest(source: SourcePackage) -> Rejection | None:
    if source.manifest_path in source.files:
        return None
    return ManifestMissing(source.manifest_path, tuple(sorted(source.files)[:_LISTED_FILES]))


def _judge_queue(state: WorldState, publisher: AgentId, policy: Policy) -> Rejection | None:
    waiting = sum(
        1 for pending in state.pending_compiles.values() if pending.publisher == publisher
    )
    if waiting >= policy.max_pending_compiles:
        return LimitExceeded(
            "publisher", "max_pending_compiles", policy.max_pending_compiles, waiting + 1
        )
    return None


def decide_finish_compile(
    state: WorldState, action: FinishCompile, policy: Policy
) -> tuple[Event, ...] | Rejection:
    """Turn a compile's result into its one outcome; a request that has one already gets none."""
    pending = state.pending_compiles.get(action.request_seq)
    if pending is None:
        return ()
    result = action.result
    if isinstance(result, CompileFailed):
        return CompileEnded(result.code, result.facts, result.diagnostics_digest)
    defect = judge_module(result.wasm, policy, field="source_files")
    if defect is not None:
        return defect
    return (
        ModuleArtifactDeployed(
            # The request's own, so that what is decided here can always follow it.
            publisher_agent_id=pending.publisher,
            wasm_hash=result.wasm.digest,
            bytes_len=result.wasm.size_bytes,
            module_id_hint=pending.module_id,
            provenance=result.provenance,
        ),
    )
