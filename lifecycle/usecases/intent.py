"""From a well-formed decision to the action that the rules judge, its bulk content measured."""

from typing import NamedTuple, assert_never

from lifecycle.codec.packages import encode_package
from lifecycle.content.store import Prepared, prepare
from lifecycle.core.actions import (
    Action,
    CompileModuleArtifactFromSource,
    DeployModuleArtifact,
    InstallModuleFromArtifact,
    ModuleBytes,
    ModuleDefect,
    MoveAgent,
    WaitTicks,
)
from lifecycle.core.ids import AgentId, LocationId, ModuleId, WasmHash
from lifecycle.core.policy import Policy
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonObject
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.owners import owner_of
from lifecycle.protocol.schema import (
    CompileDecision,
    Decision,
    DeployDecision,
    InstallDecision,
    MoveAgentDecision,
    WaitDecision,
    WaitTicksDecision,
)
from lifecycle.usecases.errors import ActingForAnotherError
from lifecycle.usecases.limits import compile_policy, policy, wasm_policy
from lifecycle.usecases.module_faults import remarks_on_bytes
from lifecycle.wasm.inspect import Inspection, InvalidModule, inspect_module


class Intent(NamedTuple):
    """An action, the limits it is judged by, and what to store if it is applied.

    `remarks` are the engine's on bytes that are no module, as diagnostics.
    """

    action: Action
    policy: Policy
    content: Prepared | None = None
    inspection: Inspection | None = None
    remarks: tuple[JsonObject, ...] = ()


class Measured(NamedTuple):
    """What was measured of a module's bytes, and their inspection where they are a module.

    `complaint` is what the engine says of bytes that are none, for people and models to read.
    """

    wasm: ModuleBytes
    inspection: Inspection | None
    complaint: str = ""


def intent_of(decision: Decision, acting: AgentId, world: str) -> Intent:
    """Make the action of an agent's decision, with the limits of its world.

    Raises:
        ActingForAnotherError: the decision names another agent as publisher or installer.
    """
    match decision:
        case WaitDecision() | WaitTicksDecision():
            return Intent(WaitTicks(acting, decision.ticks), policy(world))
        case MoveAgentDecision():
            return Intent(MoveAgent(acting, LocationId(decision.to)), policy(world))
        case CompileDecision():
            return _compile_intent(decision, acting, world)
        case DeployDecision():
            return _deploy_intent(decision, acting, world)
        case InstallDecision():
            return _install_intent(decision, acting, world)
        case _:
            assert_never(decision)


def _compile_intent(decision: CompileDecision, acting: AgentId, world: str) -> Intent:
    _require_self("publisher", decision.publisher, acting)
    package = SourcePackage(decision.manifest_path, decision.source_files)
    prepared = prepare(encode_package(package))
    action = CompileModuleArtifactFromSource(
        acting, ModuleId(decision.module_id), package, prepared.digest
    )
    return Intent(action, compile_policy(world), prepared)


def _deploy_intent(decision: DeployDecision, acting: AgentId, world: str) -> Intent:
    _require_self("publisher", decision.publisher, acting)
    prepared = prepare(decision.wasm_bytes_hex)
    declared = WasmHash(decision.wasm_hash)
    # Bytes that are not those declared are refused for that alone; their content is not judged.
    same = WasmHash(prepared.digest) == declared
    judged = measure(decision.wasm_bytes_hex, prepared, world) if same else _unjudged(prepared)
    module_id = None if decision.module_id is None else ModuleId(decision.module_id)
    action = DeployModuleArtifact(acting, declared, judged.wasm, module_id)
    remarks = remarks_on_bytes(judged.complaint)
    return Intent(action, policy(world), prepared, judged.inspection, remarks)


def _install_intent(decision: InstallDecision, acting: AgentId, world: str) -> Intent:
    _require_self("installer", decision.installer, acting)
    action = InstallModuleFromArtifact(
        installer=acting,
        module_id=ModuleId(decision.module_id),
        module_version=decision.module_version,
        wasm_hash=WasmHash(decision.wasm_hash),
        active=decision.activate,
    )
    return Intent(action, policy(world))


def _require_self(field: str, owner: str, acting: AgentId) -> None:
    resolved = owner_of(owner, acting=acting, field=field)
    if isinstance(resolved, Malformed) or resolved != acting:
        facts = {"received": owner[:140], "agent_id": acting}
        raise ActingForAnotherError(field, facts)


def _unjudged(prepared: Prepared) -> Measured:
    return Measured(ModuleBytes(WasmHash(prepared.digest), prepared.size_bytes, None), None)


def measure(wasm: bytes, prepared: Prepared, world: str) -> Measured:
    """Measure a module's bytes and let the inspector judge them by what a world allows."""
    verdict = inspect_module(wasm, wasm_policy(world))
    digest, size = WasmHash(prepared.digest), prepared.size_bytes
    if isinstance(verdict, InvalidModule):
        # The engine's free text stays outside of what is hashed; reason and facts are stable.
        defect = ModuleDefect(verdict.reason, dict(verdict.facts))
        return Measured(ModuleBytes(digest, size, defect), None, verdict.detail)
    return Measured(ModuleBytes(digest, size, None), verdict)
