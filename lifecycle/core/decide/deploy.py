"""The rules of publishing bytes: content has no owner, publications do."""

from lifecycle.core.actions import DeployModuleArtifact, ModuleBytes
from lifecycle.core.events import Event, ModuleArtifactDeployed
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    AgentNotFound,
    EmptyField,
    HashMismatch,
    InvalidWasm,
    LimitExceeded,
    Rejection,
)
from lifecycle.core.state import WorldState


def decide_deploy(
    state: WorldState, action: DeployModuleArtifact, policy: Policy
) -> tuple[Event, ...] | Rejection:
    """Make the publisher an owner of the bytes; who is one already changes nothing."""
    if action.publisher not in state.agents:
        return AgentNotFound("publisher", action.publisher)
    if action.wasm.digest != action.wasm_hash:
        return HashMismatch(action.wasm_hash, action.wasm.digest)
    defect = judge_module(action.wasm, policy, field="wasm_bytes_hex")
    if defect is not None:
        return defect
    known = state.module_artifacts.get(action.wasm_hash)
    if known is not None and action.publisher in known.owners:
        return ()
    return (
        ModuleArtifactDeployed(
            publisher_agent_id=action.publisher,
            wasm_hash=action.wasm_hash,
            bytes_len=action.wasm.size_bytes,
            module_id_hint=action.module_id,
            provenance=None,
        ),
    )


def judge_module(wasm: ModuleBytes, policy: Policy, *, field: str) -> Rejection | None:
    """Refuse bytes that are none, too many, or no acceptable module; `field` is what held them."""
    if wasm.size_bytes == 0:
        return EmptyField(field)
    if wasm.size_bytes > policy.max_wasm_bytes:
        return LimitExceeded(field, "max_wasm_bytes", policy.max_wasm_bytes, wasm.size_bytes)
    if wasm.defect is not None:
        return InvalidWasm(field, wasm.defect.reason, wasm.defect.facts)
    return None
