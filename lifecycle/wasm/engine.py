"""wasmtime's validator, one engine per set of features.

Running or compiling a module must not be put here, and no other file of this
room may import wasmtime to judge bytes.
"""

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Final

from wasmtime import Config, Engine, Module, WasmtimeError
from wasmtime import _ffi as engine_api

from lifecycle.wasm.policy import ALWAYS_ON, KNOWN_FEATURES, LATER_FEATURES, REQUIRES

_SWITCHES: Final = {
    "bulk-memory": "wasm_bulk_memory",
    "custom-page-sizes": "wasm_custom_page_sizes",
    "exceptions": "wasm_exceptions",
    "function-references": "wasm_function_references",
    "gc": "wasm_gc",
    "memory64": "wasm_memory64",
    "multi-memory": "wasm_multi_memory",
    "multi-value": "wasm_multi_value",
    "reference-types": "wasm_reference_types",
    "relaxed-simd": "wasm_relaxed_simd",
    "simd": "wasm_simd",
    "stack-switching": "wasm_stack_switching",
    "tail-call": "wasm_tail_call",
    "threads": "wasm_threads",
    "wide-arithmetic": "wasm_wide_arithmetic",
}
"""Feature to the engine's switch. ``extended-const`` and ``ALWAYS_ON`` have none."""

# The Python class has no property for these, and each must be off: the first
# forbids turning reference types off (the engine aborts the process), the
# second changes the import section's layout, the third reads custom sections.
_UNWANTED: Final[tuple[Callable[..., None], ...]] = (
    engine_api.wasmtime_config_wasm_component_model_async_set,
    engine_api.wasmtime_config_wasm_compact_imports_set,
    engine_api.wasmtime_config_wasm_branch_hinting_set,
)

_REMOVAL_ORDER: Final = (
    *LATER_FEATURES,
    *sorted(KNOWN_FEATURES - frozenset(LATER_FEATURES) - ALWAYS_ON),
)

_building: Final = Lock()


def complaint(wasm: bytes, features: frozenset[str]) -> str | None:
    """Validate a module with only the given features on; compile nothing.

    Args:
        wasm: The bytes of a core module.
        features: What ``WasmPolicy`` allows, already checked by it.

    Returns:
        None when the module is valid, else the engine's words. They change
        between engine versions: show them, never record them.
    """
    try:
        Module.validate(_engine(features), wasm)
    except WasmtimeError as error:
        return str(error)
    return None


def missing_features(wasm: bytes, allowed: frozenset[str]) -> tuple[str, ...]:
    """Find which features would have to be allowed for a module to be valid.

    Args:
        wasm: The bytes of a core module that ``allowed`` does not make valid.
        allowed: What the policy allows.

    Returns:
        A smallest set, the most particular feature first and without the ones
        that others in it only build on; empty when no feature would help.
    """
    needed = KNOWN_FEATURES
    if complaint(wasm, needed) is not None:
        return ()
    for feature in _REMOVAL_ORDER:
        fewer = needed - {feature}
        if feature not in allowed and _holds(fewer) and complaint(wasm, fewer) is None:
            needed = fewer
    missing = needed - allowed
    bases = {REQUIRES[feature] for feature in missing if feature in REQUIRES}
    return tuple(f for f in _REMOVAL_ORDER if f in missing - bases)


def _holds(features: frozenset[str]) -> bool:
    return all(base in features for feature, base in REQUIRES.items() if feature in features)


def _engine(features: frozenset[str]) -> Engine:
    # Building takes milliseconds; two threads that ask at once build one.
    with _building:
        return _build(features)


@lru_cache(maxsize=64)
def _build(features: frozenset[str]) -> Engine:
    config = Config()
    config.wasm_component_model = False
    for turn in _UNWANTED:
        turn(config.ptr(), False)  # noqa: FBT003  the engine's API is positional
    for feature, switch in _SWITCHES.items():
        setattr(config, switch, feature in features)
    return Engine(config)
