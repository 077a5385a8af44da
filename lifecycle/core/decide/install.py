"""The rules of installing: only owners install, and a module id belongs to who installed it."""

import re

from lifecycle.core.actions import InstallModuleFromArtifact
from lifecycle.core.events import (
    SELF_AGENT,
    VERSION_LOWERED,
    VERSION_REUSED,
    Event,
    InstallTarget,
    ModuleInstalled,
)
from lifecycle.core.rejections import (
    AgentNotFound,
    ArtifactUnknown,
    ModuleIdTaken,
    NotArtifactOwner,
    Rejection,
)
from lifecycle.core.state import WorldState

_SEMANTIC_VERSION = re.compile(
    r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?(\+.*)?", re.ASCII
)


def decide_install(
    state: WorldState, action: InstallModuleFromArtifact
) -> tuple[Event, ...] | Rejection:
    """Bind a module id to an artifact for one of the artifact's owners."""
    if action.installer not in state.agents:
        return AgentNotFound("installer", action.installer)
    artifact = state.module_artifacts.get(action.wasm_hash)
    if artifact is None:
        return ArtifactUnknown(action.wasm_hash)
    if action.installer not in artifact.owners:
        return NotArtifactOwner(action.installer, artifact.publisher)
    held = state.installed_modules.get(action.module_id)
    if held is not None and held.installer != action.installer:
        return ModuleIdTaken(action.module_id, held.installer)
    return (_installed(state, action),)


def _installed(state: WorldState, action: InstallModuleFromArtifact) -> ModuleInstalled:
    return ModuleInstalled(
        installer_agent_id=action.installer,
        module_id=action.module_id,
        module_version=action.module_version,
        wasm_hash=action.wasm_hash,
        install_target=InstallTarget(type=SELF_AGENT),
        active=action.active,
        flags=_flags(state, action),
    )


def _flags(state: WorldState, action: InstallModuleFromArtifact) -> tuple[str, ...]:
    earlier = state.module_versions.get((action.module_id, action.module_version))
    held = state.installed_modules.get(action.module_id)
    flags = []
    if earlier is not None and earlier != action.wasm_hash:
        flags.append(VERSION_REUSED)
    if held is not None and is_lower_version(action.module_version, held.module_version):
        flags.append(VERSION_LOWERED)
    return tuple(flags)


def is_lower_version(version: str, than: str) -> bool:
    """Compare two semantic versions; versions of any other form have no order.

    A pre-release is lower than its release; two pre-releases of one release are compared as
    texts. Source: Semantic Versioning 2.0.0, section 11, simplified in that last point.
    """
    left, right = _SEMANTIC_VERSION.fullmatch(version), _SEMANTIC_VERSION.fullmatch(than)
    if left is None or right is None:
        return False
    return _order(left) < _order(right)


def _order(version: re.Match[str]) -> tuple[int, int, int, bool, str]:
    pre_release = version[4] or ""
    return (int(version[1]), int(version[2]), int(version[3]), pre_release == "", pre_release)
