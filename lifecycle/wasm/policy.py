"""What a world allows in a WebAssembly module: features and limits, as values.

Reading or judging bytes must not be put here; that is ``inspect.py``.
"""

from dataclasses import asdict, dataclass
from typing import Final

WEBASSEMBLY_2: Final = frozenset(
    {
        "bulk-memory",
        "multi-value",
        "mutable-globals",
        "reference-types",
        "saturating-float-to-int",
        "sign-extension",
        "simd",
    },
)
"""The proposals that make up WebAssembly 2.0."""

ALWAYS_ON: Final = frozenset(
    {"mutable-globals", "saturating-float-to-int", "sign-extension"},
)
"""Features that the engine has no switch for, so a policy cannot refuse them."""

# Dependents stand before what they depend on: removing features in this order
# never leaves one whose base is already gone.
LATER_FEATURES: Final = (
    "stack-switching",
    "gc",
    "function-references",
    "relaxed-simd",
    "exceptions",
    "tail-call",
    "threads",
    "memory64",
    "multi-memory",
    "custom-page-sizes",
    "wide-arithmetic",
    "extended-const",
)
"""Proposals after WebAssembly 2.0 that a policy may allow."""

KNOWN_FEATURES: Final = WEBASSEMBLY_2 | frozenset(LATER_FEATURES)
"""Every feature name that a policy may hold."""

REQUIRES: Final = {
    "relaxed-simd": "simd",
    "function-references": "reference-types",
    "gc": "function-references",
    "stack-switching": "function-references",
}
"""Feature to the feature it builds on; the engine aborts on some broken pairs."""

# Two features have a part that LLVM switches on its own and emits on its own:
# without the second name, memory.copy and long table indexes are still there.
LLVM_NAMES: Final = {
    "bulk-memory": ("bulk-memory", "bulk-memory-opt"),
    "exceptions": ("exception-handling",),
    "extended-const": ("extended-const",),
    "gc": ("gc",),
    "multi-memory": ("multimemory",),
    "multi-value": ("multivalue",),
    "mutable-globals": ("mutable-globals",),
    "reference-types": ("reference-types", "call-indirect-overlong"),
    "relaxed-simd": ("relaxed-simd",),
    "saturating-float-to-int": ("nontrapping-fptoint",),
    "sign-extension": ("sign-ext",),
    "simd": ("simd128",),
    "tail-call": ("tail-call",),
    "threads": ("atomics",),
    "wide-arithmetic": ("wide-arithmetic",),
}
"""Feature to what LLVM, and so Rust, clang and Zig, call it.

Source: LLVM, ``llvm/lib/Target/WebAssembly/WebAssembly.td``.
"""


class WasmPolicyError(ValueError):
    """A policy was asked for that the engine cannot keep."""


@dataclass(frozen=True, slots=True)
class WasmLimits:
    """The most of each thing that one module may hold or declare.

    Everything is checked by reading the bytes, before the engine sees them.
    A page is 64 KiB whatever page size the module declares; ``type_values`` are
    the parameters, results and fields of all types together.
    """

    module_bytes: int = 8 * 1024 * 1024
    types: int = 10_000
    type_values: int = 200_000
    functions: int = 50_000
    params_per_function: int = 100
    params_total: int = 100_000
    results_per_function: int = 16
    struct_fields: int = 1_000
    locals_per_function: int = 10_000
    local_groups_total: int = 200_000
    globals: int = 10_000
    tags: int = 100
    tables: int = 16
    table_minimum_elements: int = 100_000
    table_maximum_elements: int = 1_000_000
    memories: int = 8
    memory_minimum_pages: int = 1_024
    memory_maximum_pages: int = 65_536
    element_segments: int = 10_000
    element_items: int = 100_000
    constant_instructions: int = 250_000
    data_segments: int = 10_000
    data_bytes: int = 8 * 1024 * 1024
    imports: int = 1_000
    exports: int = 10_000
    name_bytes: int = 512
    custom_sections: int = 1_000
    custom_bytes: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        """Refuse a negative limit, which would refuse every module."""
        for name, value in asdict(self).items():
            if value < 0:
                message = f"limit {name} is {value}; it must be 0 or more"
                raise WasmPolicyError(message)


@dataclass(frozen=True, slots=True)
class WasmPolicy:
    """The features and limits that a module is judged by.

    Attributes:
        features: Allowed proposals, by the names of ``KNOWN_FEATURES``.
        limits: The most of each thing.

    Raises:
        WasmPolicyError: A feature is unknown, lacks the one it builds on, or
            one that the engine cannot turn off is left out.
    """

    features: frozenset[str] = WEBASSEMBLY_2
    limits: WasmLimits = WasmLimits()

    def __post_init__(self) -> None:
        """Refuse a feature set that the engine cannot keep."""
        _refuse("unknown wasm features", self.features - KNOWN_FEATURES)
        _refuse("wasm features that cannot be off", ALWAYS_ON - self.features)
        orphans = {
            feature
            for feature, base in REQUIRES.items()
            if feature in self.features and base not in self.features
        }
        _refuse("wasm features without the one they build on", orphans)

    def describe(self) -> dict[str, object]:
        """Return the policy as JSON-able facts, for the status query.

        Returns:
            ``{"features": [name, …] sorted, "limits": {name: maximum}}``.
        """
        return {"features": sorted(self.features), "limits": asdict(self.limits)}


def turn_off_flags(feature: str) -> dict[str, str]:
    """Return the compiler flags that keep a feature out of the output.

    Args:
        feature: A name of ``KNOWN_FEATURES``; any other text gives ``{}``.

    Returns:
        ``{"rust": flag, "c": flag, "zig": flag}``, or ``{}`` where no flag is
        known.
    """
    names = LLVM_NAMES.get(feature, ())
    if not names:
        return {}
    zig = "".join(f"-{name.replace('-', '_')}" for name in names)
    return {
        "rust": f"-C target-feature={','.join(f'-{name}' for name in names)}",
        "c": " ".join(f"-mno-{name}" for name in names),
        "zig": f"-mcpu=baseline{zig}",
    }


def _refuse(what: str, features: frozenset[str] | set[str]) -> None:
    if features:
        message = f"{what}: {', '.join(sorted(features))}"
        raise WasmPolicyError(message)
