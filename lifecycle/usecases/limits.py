"""The limits of decisions and compiles: the operator's, and what a world tightens of them.

Only decisions are judged by them: a journal stays readable whatever is set.
"""

import functools
from typing import Final

import msgspec
import orjson
from django.conf import settings

from lifecycle.core.policy import Policy
from lifecycle.journal.statements import Statement
from lifecycle.models.jobs import ToolchainReport
from lifecycle.wasm.policy import ALWAYS_ON, WasmPolicy

# What a world may set lower than the service does.
TIGHTENED: Final = (
    "max_wait_ticks",
    "max_source_files",
    "max_source_file_bytes",
    "max_source_bytes",
    "max_wasm_bytes",
    "max_pending_compiles",
)
# By hand, since every decision asks for it (docs/adr/0005).
_SETTINGS: Final = Statement("""
    SELECT s.limits, s.wasm_features
    FROM lifecycle_worldsettings s JOIN lifecycle_world w ON w.id = s.world_id WHERE w.slug = %s
""")


def service_policy() -> Policy:
    """Give the service's own limits, which no world may pass."""
    given = settings.ENVIRONMENT
    return Policy(
        max_wait_ticks=given.max_wait_ticks,
        max_source_files=given.max_source_files,
        max_source_file_bytes=given.max_source_file_bytes,
        max_source_bytes=given.max_source_bytes,
        max_wasm_bytes=given.max_wasm_bytes,
        max_pending_compiles=given.max_pending_compiles,
        compile_timeout_seconds=given.compile_timeout_seconds,
        operator_command=bool(given.source_compiler),
    )


def policy(world: str) -> Policy:
    """Give the limits of every decision in a world but a compile."""
    row = _SETTINGS.first([world])
    most = service_policy()
    return most if row is None else _tightened(row[0], most)


def compile_policy(world: str) -> Policy:
    """Give the limits of a compile decision, with what the workers say they cannot compile."""
    missing = ToolchainReport.objects.filter(available=False)
    hints = dict(missing.values_list("name", "install_hint"))
    return msgspec.structs.replace(policy(world), unavailable_toolchains=hints)


def service_wasm_policy() -> WasmPolicy:
    """Give what a module's bytes may hold at most, in any world."""
    return _WASM_POLICY


def wasm_policy(world: str) -> WasmPolicy:
    """Give what a module's bytes may hold in a world."""
    row = _SETTINGS.first([world])
    return _WASM_POLICY if row is None or row[1] is None else _fewer_features(row[1])


def _tightened(limits: str, most: Policy) -> Policy:
    # The service may have become stricter since: a world never allows more.
    set_lower = orjson.loads(limits).items()
    lower = {name: min(maximum, getattr(most, name)) for name, maximum in set_lower}
    return msgspec.structs.replace(most, **lower)


@functools.lru_cache(maxsize=1024)
def _fewer_features(features: str) -> WasmPolicy:
    allowed = (frozenset(orjson.loads(features)) & _WASM_POLICY.features) | ALWAYS_ON
    return WasmPolicy(features=allowed, limits=_WASM_POLICY.limits)


_WASM_POLICY = WasmPolicy()
