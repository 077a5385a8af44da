"""Whatever the bytes, the reader answers in time and agrees with the engine."""

import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import wasmtime
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifecycle.wasm.engine import complaint
from lifecycle.wasm.inspect import Inspection, InvalidModule, inspect_module
from lifecycle.wasm.policy import KNOWN_FEATURES, WEBASSEMBLY_2, WasmPolicy
from tests.wasm.building import HEADER, compile_c, seconds_allowed, section, wat
from tests.wasm.test_features import CASES

EVERYTHING = WasmPolicy(KNOWN_FEATURES)

EVERY_SECTION = """(module
  (type $f (func (param i32 i64 f32 f64) (result i32)))
  (import "env" "f" (func (type $f)))
  (import "env" "g" (global (mut i32)))
  (import "env" "long name \u00e9\u4e16" (memory 1 20))
  (table 4 10 funcref) (table 2 externref)
  (global $k i64 (i64.const -123456789012))
  (global (export "pi") f64 (f64.const 3.14)) (global v128 (v128.const i64x2 1 2))
  (global f32 (f32.const 2.5))
  (global funcref (ref.null func)) (global i32 (i32.const 2147483647))
  (func $run (export "run") (param i32) (result i32) (local i64 i64 f32)
    local.get 0 i32.const 1 i32.add)
  (func $start nop)
  (export "memory" (memory 0)) (export "table" (table 0))
  (start $start)
  (elem (i32.const 0) func $run $start) (elem func $run)
  (elem funcref (ref.func $run) (ref.null func))
  (data (i32.const 8) "hello") (data "passive"))"""

GC_SECTION = """(module
  (rec (type $s (sub (struct (field (mut i32)) (field i8) (field (ref null $s)))))
       (type $a (array (mut i16))))
  (type $t (sub final $s (struct (field (mut i32)) (field i8) (field (ref null $s)))))
  (tag $e (param i32)) (tag (export "tag"))
  (global (ref null $s) (ref.null $s)) (global (ref $a) (array.new_fixed $a 1 (i32.const 3)))
  (global (ref $s) (struct.new_default $s)) (global anyref (ref.i31 (i32.const 1)))
  (global (ref $a) (array.new_default $a (i32.const 2)))
  (global (ref $a) (array.new $a (i32.const 1) (i32.const 2)))
  (global (ref $s) (struct.new $s (i32.const 0) (i32.const 0) (ref.null none)))
  (global externref (extern.convert_any (ref.null any)))
  (global anyref (any.convert_extern (ref.null extern)))
  (func (export "f") (param nullref nullfuncref nullexternref structref arrayref eqref exnref))
  (memory i64 1 2) (memory 0 (pagesize 1))
  (data (memory 1) (i32.const 0) "") (table i64 1 2 (ref null func)))"""


@cache
def seeds() -> tuple[bytes, ...]:
    """Return real modules: by hand, of each feature, and of a compiler."""
    source = """
    static int table[64];
    int (*handlers[2])(int);
    __attribute__((export_name("run"))) int run(int n) {
      for (int i = 0; i < n; i++) table[i & 63] += handlers[i & 1](i);
      return table[n & 63];
    }
    """
    with TemporaryDirectory() as folder:
        compiled = compile_c(source, Path(folder))
    texts = [EVERY_SECTION, GC_SECTION, *(text for _, text in CASES)]
    return (compiled, *map(wat, texts))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Change, cut out, repeat or insert bytes of a real module, a few times."""
    wasm = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(wasm)))
        end = draw(st.integers(start, min(len(wasm), start + 16)))
        inserted = draw(st.one_of(st.binary(max_size=6), st.just(bytes(wasm[start:end]) * 2)))
        wasm[start:end] = inserted
    return bytes(wasm)


def judge(wasm: bytes, policy: WasmPolicy) -> Inspection | InvalidModule:
    started = time.process_time()
    verdict = inspect_module(wasm, policy)
    assert time.process_time() - started < seconds_allowed()
    return verdict


def assert_agrees_with_the_engine(wasm: bytes, policy: WasmPolicy) -> None:
    verdict = judge(wasm, policy)
    by_engine = complaint(wasm, policy.features)
    if isinstance(verdict, Inspection):
        assert by_engine is None
        assert Inspection.from_dict(verdict.to_dict()) == verdict
    elif verdict.reason in {"malformed", "truncated", "not_wasm"}:
        assert by_engine is not None, verdict


@settings(max_examples=400)
@given(mutations())
def test_a_mutated_module_is_judged_as_the_engine_judges_it(wasm: bytes) -> None:
    assert_agrees_with_the_engine(wasm, EVERYTHING)
    assert_agrees_with_the_engine(wasm, WasmPolicy())


@settings(max_examples=300)
@given(mutations())
def test_an_accepted_mutation_has_the_imports_and_exports_the_engine_finds(wasm: bytes) -> None:
    verdict = judge(wasm, WasmPolicy())

    if isinstance(verdict, Inspection):
        by_engine = wasmtime.Module(wasmtime.Engine(), wasm)
        assert verdict.imports_total == len(by_engine.imports)
        assert [entry.name for entry in verdict.exports] == [
            entry.name for entry in by_engine.exports
        ]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 14), st.binary(max_size=24)), max_size=6))
@example([(1, b"\x01\x60\x00\x00"), (1, b"\x00")])
@example([(3, b"\x00"), (1, b"\x00")])
@example([(14, b"")])
@example([(1, b"\x00\x00")])
def test_made_up_sections_are_judged_as_the_engine_judges_them(
    parts: list[tuple[int, bytes]],
) -> None:
    wasm = HEADER + b"".join(section(number, body) for number, body in parts)

    assert_agrees_with_the_engine(wasm, EVERYTHING)


@settings(max_examples=200)
@given(st.binary(max_size=64))
def test_no_bytes_at_all_raise_anything(wasm: bytes) -> None:
    judge(wasm, WasmPolicy())
    judge(HEADER + wasm, EVERYTHING)


def type_text(kind: wasmtime.ImportType | wasmtime.ExportType) -> str:
    """Name the kind of an import or export as the inspection does."""
    return {
        "FuncType": "function",
        "TableType": "table",
        "MemoryType": "memory",
        "GlobalType": "global",
        "TagType": "tag",
    }[type(kind.type).__name__]


def compilable() -> list[bytes]:
    """Return the seeds that the engine can compile on this machine."""
    return [wasm for wasm in seeds() if complaint(wasm, WEBASSEMBLY_2) is None]


def test_imports_and_exports_are_those_that_the_engine_finds() -> None:
    assert len(compilable()) > 5
    for wasm in compilable():
        inspection = judge(wasm, EVERYTHING)
        by_engine = wasmtime.Module(wasmtime.Engine(), wasm)

        assert isinstance(inspection, Inspection)
        assert [(entry.module, entry.name, entry.kind) for entry in inspection.imports] == [
            (entry.module, entry.name, type_text(entry)) for entry in by_engine.imports
        ]
        assert [(entry.name, entry.kind) for entry in inspection.exports] == [
            (entry.name, type_text(entry)) for entry in by_engine.exports
        ]


def test_signatures_are_those_that_the_engine_finds() -> None:
    wasm = wat(EVERY_SECTION)
    inspection = judge(wasm, WasmPolicy())
    by_engine = wasmtime.Module(wasmtime.Engine(), wasm)

    assert isinstance(inspection, Inspection)
    for entry, other in zip(inspection.exports, by_engine.exports, strict=True):
        if isinstance(other.type, wasmtime.FuncType):
            signature = inspection.to_dict()["exports"][inspection.exports.index(entry)]["type"]
            assert signature["params"] == [str(value) for value in other.type.params]
            assert signature["results"] == [str(value) for value in other.type.results]


@pytest.mark.parametrize("text", [EVERY_SECTION, GC_SECTION])
def test_a_module_of_every_section_is_accepted(text: str) -> None:
    assert isinstance(judge(wat(text), EVERYTHING), Inspection)
