"""Features: which a policy may allow, and how a module that needs another is refused."""

import json
from pathlib import Path

import pytest

from lifecycle.wasm.policy import (
    ALWAYS_ON,
    KNOWN_FEATURES,
    LATER_FEATURES,
    REQUIRES,
    WEBASSEMBLY_2,
    WasmLimits,
    WasmPolicy,
    WasmPolicyError,
    turn_off_flags,
)
from tests.wasm.building import accepted, compile_c, module, name, refused, section, wat

# Feature to modules that need it and, of the later ones, nothing else.
USERS = {
    "bulk-memory": [
        "(module (memory 1) (func i32.const 0 i32.const 0 i32.const 0 memory.fill))",
        '(module (memory 1) (data "x") (func data.drop 0))',
    ],
    "multi-value": ["(module (func (result i32 i32) i32.const 0 i32.const 0))"],
    "reference-types": [
        "(module (func (param externref)))",
        "(module (table 1 funcref) (table 1 funcref))",
        "(module (table 1 funcref) (func i32.const 0 table.get 0 drop))",
    ],
    "simd": [
        "(module (func (param v128)))",
        "(module (func v128.const i32x4 0 0 0 0 drop))",
    ],
    "stack-switching": ["(module (type $f (func)) (type (cont $f)))"],
    "gc": [
        "(module (type (struct (field i32))))",
        "(module (rec (type (func)) (type (func))))",
        "(module (type (sub (func))))",
        "(module (type (array i8)))",
        "(module (func (param i31ref)))",
        "(module (global i31ref (ref.i31 (i32.const 1))))",
    ],
    "function-references": [
        "(module (type $t (func)) (func (param (ref $t)) local.get 0 call_ref $t))",
        "(module (func $f) (elem declare func $f) (table 1 (ref func) (ref.func $f)))",
    ],
    "relaxed-simd": [
        """(module (func (param v128 v128) (result v128)
          local.get 0 local.get 1 i8x16.relaxed_swizzle))""",
    ],
    "exceptions": ["(module (tag))", "(module (func (param exnref)))"],
    "tail-call": ["(module (func return_call 0))"],
    "threads": [
        "(module (memory 1 1 shared))",
        "(module (memory 1) (func i32.const 0 i32.atomic.load drop))",
    ],
    "memory64": ["(module (memory i64 1))", "(module (table i64 1 funcref))"],
    "multi-memory": ["(module (memory 1) (memory 1))"],
    "custom-page-sizes": ["(module (memory 1 (pagesize 1)))"],
    "wide-arithmetic": [
        """(module (func (param i64) (result i64 i64)
          local.get 0 local.get 0 local.get 0 local.get 0 i64.add128))""",
    ],
    "extended-const": [
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
        '(module (memory 1) (data (i32.sub (i32.const 1) (i32.const 1)) "x"))',
    ],
}
CASES = [(feature, text) for feature, texts in USERS.items() for text in texts]


def without(feature: str) -> WasmPolicy:
    """Allow everything but a feature and those that build on it."""
    off = {feature}
    for dependent in reversed(LATER_FEATURES):
        if REQUIRES.get(dependent) in off:
            off.add(dependent)
    return WasmPolicy(KNOWN_FEATURES - off)


def test_every_feature_that_can_be_off_is_tested_here() -> None:
    assert set(USERS) == KNOWN_FEATURES - ALWAYS_ON


@pytest.mark.parametrize(("feature", "text"), CASES)
def test_w15_a_module_is_refused_by_the_name_of_the_feature_that_is_off(
    feature: str, text: str
) -> None:
    verdict = refused(wat(text), without(feature))

    assert verdict.reason == "feature_not_allowed"
    assert verdict.facts["feature"] == feature
    assert feature in verdict.message


@pytest.mark.parametrize(("feature", "text"), CASES)
def test_a_module_is_accepted_where_everything_is_allowed(feature: str, text: str) -> None:
    inspection = accepted(wat(text), WasmPolicy(KNOWN_FEATURES))

    assert inspection.features_seen == tuple(sorted(inspection.features_seen))
    assert set(inspection.features_seen) <= KNOWN_FEATURES, feature


@pytest.mark.parametrize(("feature", "text"), CASES)
def test_by_default_webassembly_2_is_allowed_and_nothing_later(feature: str, text: str) -> None:
    if feature in WEBASSEMBLY_2:
        accepted(wat(text))
    else:
        assert refused(wat(text)).facts["feature"] == feature


@pytest.mark.parametrize(
    "text",
    [
        "(module (func (result i32) i32.const 0 i32.extend8_s))",
        "(module (func (result i32) f32.const 0 i32.trunc_sat_f32_s))",
        '(module (global (export "g") (mut i32) (i32.const 0)))',
    ],
)
def test_what_the_engine_cannot_turn_off_is_accepted_by_the_smallest_policy(text: str) -> None:
    accepted(wat(text), WasmPolicy(ALWAYS_ON))


def test_w15_every_missing_feature_is_named_when_several_are() -> None:
    verdict = refused(wat("(module (memory 1 1 shared) (func return_call 0))"))

    assert verdict.facts["features"] == ["tail-call", "threads"]


def test_w15_an_invalid_module_that_also_uses_a_feature_is_malformed() -> None:
    verdict = refused(wat("(module (func return_call 0) (func i32.add))"))

    assert verdict.reason == "malformed"


def test_a_layout_of_imports_that_the_engine_has_off_is_refused_by_name() -> None:
    compact = b"\x01" + name("env") + name("") + b"\x7f\x01" + name("f") + b"\0\0"

    verdict = refused(module(section(1, b"\x01\x60\0\0"), section(2, compact)))

    assert verdict.facts == {
        "feature": "compact-imports",
        "features": ["compact-imports"],
        "flags": {},
    }


def test_s37_the_refusal_names_the_flag_that_turns_the_feature_off() -> None:
    verdict = refused(wat("(module (memory 1 1 shared))"))

    assert verdict.facts["flags"] == {
        "rust": "-C target-feature=-atomics",
        "c": "-mno-atomics",
        "zig": "-mcpu=baseline-atomics",
    }
    assert "-mno-atomics" in verdict.message


COPIES = """
__attribute__((export_name("f"))) void f(char *a, char *b) { __builtin_memmove(a, b, 999); }
void *memmove(void *a, const void *b, unsigned long n) { return a; }
"""
CALLS_BY_POINTER = """
int (*handlers[2])(int);
__attribute__((export_name("f"))) int f(int n) { return handlers[n & 1](n); }
"""


@pytest.mark.parametrize("compiler", ["c", "zig"])
@pytest.mark.parametrize(
    ("feature", "source"),
    [("bulk-memory", COPIES), ("reference-types", CALLS_BY_POINTER)],
)
def test_s37_the_named_flag_does_turn_the_feature_off(
    feature: str, source: str, compiler: str, tmp_path: Path
) -> None:
    policy = without(feature)

    verdict = refused(compile_c(source, tmp_path), policy)
    flags = turn_off_flags(str(verdict.facts["feature"]))

    assert verdict.facts["feature"] == feature
    accepted(compile_c(source, tmp_path, flags[compiler]), policy)


@pytest.mark.parametrize("feature", sorted(KNOWN_FEATURES))
def test_s37_zigs_clang_knows_every_named_flag(feature: str, tmp_path: Path) -> None:
    for compiler in ("c", "zig"):
        flags = turn_off_flags(feature).get(compiler, "")
        accepted(compile_c("void f(void) {}", tmp_path, flags))


def test_a_feature_without_a_known_flag_is_refused_all_the_same() -> None:
    verdict = refused(wat("(module (memory 1 (pagesize 1)))"))

    assert verdict.facts["flags"] == {}
    assert verdict.message.endswith("which is not allowed here.")


@pytest.mark.parametrize(
    ("features", "named"),
    [
        (WEBASSEMBLY_2 | {"teleport"}, "teleport"),
        (WEBASSEMBLY_2 - {"sign-extension"}, "sign-extension"),
        (ALWAYS_ON | {"relaxed-simd"}, "relaxed-simd"),
        (WEBASSEMBLY_2 | {"gc"}, "gc"),
    ],
)
def test_a_policy_that_the_engine_cannot_keep_is_an_error(
    features: frozenset[str], named: str
) -> None:
    with pytest.raises(WasmPolicyError, match=named):
        WasmPolicy(features)


def test_a_negative_limit_is_an_error() -> None:
    with pytest.raises(WasmPolicyError, match="functions"):
        WasmLimits(functions=-1)


def test_w15_the_policy_describes_itself_for_the_status_query() -> None:
    facts = WasmPolicy().describe()

    assert json.loads(json.dumps(facts)) == facts
    assert facts["features"] == sorted(WEBASSEMBLY_2)
    limits = facts["limits"]
    assert isinstance(limits, dict)
    assert limits["params_per_function"] == 100
