"""The operator's limits as the rules and the compilers take them."""

from django.conf import settings

from lifecycle.core.policy import Policy
from lifecycle.models.jobs import ToolchainReport
from lifecycle.wasm.policy import WasmPolicy


def policy() -> Policy:
    """Give the limits of every decision but a compile."""
    return _POLICY


def compile_policy() -> Policy:
    """Give the limits of a compile decision, with what the workers say they cannot compile."""
    missing = ToolchainReport.objects.filter(available=False)
    hints = dict(missing.values_list("name", "install_hint"))
    return _policy_from_settings(hints)


def wasm_policy() -> WasmPolicy:
    """Give what a module's bytes may hold."""
    return _WASM_POLICY


def _policy_from_settings(unavailable_toolchains: dict[str, str]) -> Policy:
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
        unavailable_toolchains=unavailable_toolchains,
    )


_POLICY = _policy_from_settings({})
_WASM_POLICY = WasmPolicy()
