"""Old event payloads lifted to the current schema, one step a version. Never edited once released.

A new schema version of a kind adds an entry here, a golden file in tests/golden/, and a line
under "Journal" in the changelog.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lifecycle.core.events import SELF_AGENT

Payload = dict[str, Any]

CURRENT_VERSIONS: Final[Mapping[str, int]] = {
    "WorldCreated": 1,
    "LocationRegistered": 1,
    "AgentRegistered": 1,
    "AgentMoved": 1,
    "AgentWaited": 1,
    "ModuleCompileRequested": 1,
    "ModuleArtifactDeployed": 1,
    "ModuleInstalled": 2,
    "ActionRejected": 1,
}


class UnknownSchemaError(ValueError):
    """An event's kind or schema version is not one that this release can read."""


def upcast(kind: str, schema_version: int, payload: Payload) -> Payload:
    """Lift a payload to the current version of its kind.

    Raises:
        UnknownSchemaError: the version is newer than this release, or was never written.
    """
    current = CURRENT_VERSIONS[kind]
    while schema_version < current:
        step = _STEPS.get((kind, schema_version))
        if step is None:
            break
        payload = step(payload)
        schema_version += 1
    if schema_version != current:
        message = f"{kind} has no schema version {schema_version} in this release"
        raise UnknownSchemaError(message)
    return payload


def _with_target_and_flags(payload: Payload) -> Payload:
    """Version 1 knew one target, the installing agent itself, and flagged nothing."""
    return {**payload, "install_target": {"type": SELF_AGENT}, "flags": []}


_STEPS: Final[Mapping[tuple[str, int], Callable[[Payload], Payload]]] = {
    ("ModuleInstalled", 1): _with_target_and_flags,
}
