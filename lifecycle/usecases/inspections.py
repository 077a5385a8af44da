"""What inspection found in a module's bytes: stored once, and found again by the hash."""

import json
from typing import Any

from lifecycle.content import store as content
from lifecycle.models.content import ModuleInspection
from lifecycle.usecases.limits import service_wasm_policy
from lifecycle.wasm.inspect import Inspection, InvalidModule, inspect_module


def store_inspection(wasm_hash: str, inspection: Inspection) -> None:
    """Keep an inspection; the same bytes always give the same one."""
    ModuleInspection.objects.get_or_create(
        wasm_hash=wasm_hash, defaults={"inspection": json.dumps(inspection.to_dict())}
    )


def find_inspection(wasm_hash: str) -> dict[str, Any] | None:
    """Give the inspection of stored bytes, making it where it is not kept.

    Returns:
        The inspection as JSON; `None` for bytes that today's policy would not let in.
    """
    kept = ModuleInspection.objects.filter(wasm_hash=wasm_hash).first()
    if kept is None:
        verdict = inspect_module(content.get(wasm_hash), service_wasm_policy())
        if isinstance(verdict, InvalidModule):
            return None
        store_inspection(wasm_hash, verdict)
        return verdict.to_dict()
    inspection: dict[str, Any] = json.loads(kept.inspection)
    return inspection
