"""What an inspection tells of a valid module, and which bytes are no module."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from lifecycle.wasm.engine import _build
from lifecycle.wasm.inspect import Inspection, inspect_module
from lifecycle.wasm.policy import ALWAYS_ON, KNOWN_FEATURES, WasmLimits, WasmPolicy
from lifecycle.wasm.report import (
    LISTED,
    CustomSection,
    Export,
    FunctionType,
    GlobalType,
    Import,
    MemoryType,
    Producer,
    TableType,
    TagType,
)
from tests.wasm.building import (
    HEADER,
    NO_TYPE,
    accepted,
    compile_c,
    custom,
    leb,
    module,
    name,
    refused,
    section,
    vector,
    wat,
)

EVERYTHING = WasmPolicy(KNOWN_FEATURES)


def test_w01_the_empty_module_is_accepted_and_exports_nothing() -> None:
    inspection = accepted(HEADER)

    assert inspection.size_bytes == 8
    assert (inspection.exports, inspection.exports_total) == ((), 0)
    assert (inspection.memories_total, inspection.functions_total) == (0, 0)


@pytest.mark.parametrize("rest", [b"", b"\xff" * 40, b"\x07"])
def test_w03_a_component_is_refused_as_one_whatever_follows(rest: bytes) -> None:
    verdict = refused(b"\0asm\x0d\0\x01\0" + rest)

    assert (verdict.reason, verdict.facts) == ("component", {"version": 13})
    assert "component" in verdict.message


def test_w03_a_real_component_is_refused_as_one() -> None:
    assert refused(wat("(component (core module))")).reason == "component"


@pytest.mark.parametrize(
    "text",
    [
        b"(module)",
        b"  \r\n\t(module)",
        b"\xef\xbb\xbf(module)",
        b";; a comment\n(module)",
        b"(; a block ;) (module)",
        b"(component)",
    ],
)
def test_w05_the_text_format_is_refused_as_not_binary(text: bytes) -> None:
    verdict = refused(text)

    assert verdict.reason == "text_format"
    assert "not binary wasm" in verdict.message


@pytest.mark.parametrize("junk", [b"", b"\x7fELF", b"0061736d01000000", b"\0asn" * 4])
def test_bytes_without_the_magic_are_not_wasm(junk: bytes) -> None:
    assert refused(junk).reason == "not_wasm"


@pytest.mark.parametrize("size", range(1, 8))
def test_a_header_that_ends_early_is_truncated(size: int) -> None:
    verdict = refused(HEADER[:size])

    assert (verdict.reason, verdict.facts) == ("truncated", {"section": "header"})


@pytest.mark.parametrize("version", [b"\0\0\0\0", b"\x02\0\0\0", b"\x01\0\x02\0"])
def test_another_version_is_malformed(version: bytes) -> None:
    assert refused(b"\0asm" + version).facts["fault"] == "unsupported_version"


def test_every_cut_of_a_module_is_truncated_or_shorter() -> None:
    whole = wat('(module (memory 1) (func (export "f") (result i32) i32.const 7))')

    verdicts = [inspect_module(whole[:size], EVERYTHING) for size in range(8, len(whole))]

    reasons = {getattr(verdict, "reason", "accepted") for verdict in verdicts}
    # Between two sections a cut leaves a shorter module, whole or inconsistent.
    assert reasons == {"truncated", "malformed", "accepted"}


def test_w13_imports_are_recorded_with_module_name_kind_and_type() -> None:
    inspection = accepted(
        wat("""(module
          (import "env" "log" (func (param i32 i64) (result f32)))
          (import "env" "table" (table 1 9 funcref))
          (import "js" "mem" (memory 1 2))
          (import "js" "g" (global (mut f64)))
          (import "js" "t" (tag (param i32))))"""),
        EVERYTHING,
    )

    assert inspection.imports == (
        Import("env", "log", "function", FunctionType(("i32", "i64"), ("f32",))),
        Import("env", "table", "table", TableType("funcref", 1, 9, "i32")),
        Import("js", "mem", "memory", MemoryType(1, 2, 65536, "i32", shared=False)),
        Import("js", "g", "global", GlobalType("f64", mutable=True)),
        Import("js", "t", "tag", TagType(("i32",))),
    )
    assert (inspection.imports_total, inspection.functions_total) == (5, 0)


def test_exports_are_listed_with_their_types() -> None:
    inspection = accepted(
        wat("""(module
          (import "env" "f" (func (param i64)))
          (memory (export "memory") 2)
          (table (export "table") 3 externref)
          (global (export "g") i32 (i32.const 1))
          (tag (export "t") (param f32))
          (export "f" (func 0))
          (func (export "add") (param i32 i32) (result i32) local.get 0))"""),
        EVERYTHING,
    )

    listed = {export.name: (export.kind, export.type) for export in inspection.exports}
    memory = MemoryType(2, None, 65536, "i32", shared=False)
    table = TableType("externref", 3, None, "i32")
    assert listed == {
        "memory": ("memory", memory),
        "table": ("table", table),
        "g": ("global", GlobalType("i32", mutable=False)),
        "t": ("tag", TagType(("f32",))),
        "f": ("function", FunctionType(("i64",), ())),
        "add": ("function", FunctionType(("i32", "i32"), ("i32",))),
    }
    assert (inspection.memories, inspection.tables) == ((memory,), (table,))


def test_segments_globals_and_start_are_counted() -> None:
    inspection = accepted(
        wat("""(module (memory 1) (table 2 funcref) (global i32 (i32.const 0))
          (data (i32.const 0) "abc") (data "de")
          (elem (i32.const 0) func 0) (elem func 0) (elem declare func 0)
          (elem (table 0) (i32.const 0) funcref (ref.func 0) (ref.null func))
          (elem funcref (ref.null func))
          (func) (start 0))"""),
    )

    assert (inspection.data_segments_total, inspection.data_bytes) == (2, 5)
    assert (inspection.element_segments_total, inspection.globals_total) == (5, 1)
    assert inspection.has_start
    assert "bulk-memory" in inspection.features_seen


def test_element_indexes_of_more_than_one_byte_are_passed() -> None:
    functions = "(func) " * 200

    inspection = accepted(wat(f"(module {functions} (elem func 3 199 128 0))"))

    assert (inspection.functions_total, inspection.element_segments_total) == (200, 1)


def test_imports_past_the_listed_ones_are_counted() -> None:
    imports = [name("env") + name(f"f{number}") + b"\0\0" for number in range(LISTED + 1)]
    policy = WasmPolicy(limits=WasmLimits(imports=LISTED + 1))

    inspection = accepted(module(section(1, NO_TYPE), section(2, vector(*imports))), policy)

    assert (len(inspection.imports), inspection.imports_total) == (LISTED, LISTED + 1)


def test_an_inspection_survives_json_and_refuses_other_facts() -> None:
    inspection = accepted(
        module(custom("x", b"12"), custom("producers", vector()))
        + wat("""(module (import "a" "b" (tag (param i32)))
          (import "a" "c" (func (param v128) (result i32 i32)))
          (import "a" "d" (global i64)) (memory 1 1 shared)
          (table (export "t") i64 1 2 anyref))""")[8:],
        EVERYTHING,
    )

    facts = json.loads(json.dumps(inspection.to_dict()))

    assert Inspection.from_dict(facts) == inspection
    with pytest.raises(ValidationError):
        Inspection.from_dict({**facts, "exports_total": "many"})


def test_long_lists_are_cut_and_their_totals_are_not() -> None:
    exports = [name(f"f{number}") + b"\0\0" for number in range(LISTED + 5)]
    wasm = module(
        section(1, NO_TYPE),
        section(3, b"\x01\0"),
        section(7, vector(*exports)),
        section(10, b"\x01\x02\0\x0b"),
    )

    inspection = accepted(wasm)

    assert (len(inspection.exports), inspection.exports_total) == (LISTED, LISTED + 5)
    assert inspection.exports[-1] == Export(f"f{LISTED - 1}", "function", FunctionType((), ()))


def test_w17_custom_sections_change_the_hash_but_not_the_stripped_hash() -> None:
    plain = wat('(module (func (export "f")))')
    named = plain + custom("name", b"\0\x02\x01x") + custom("producers", vector())

    before, after = accepted(plain), accepted(named)

    assert after.stripped_sha256 == before.stripped_sha256 == sha256(plain).hexdigest()
    assert sha256(named).hexdigest() != after.stripped_sha256
    assert after.custom_sections == (CustomSection("name", 4), CustomSection("producers", 1))
    other = accepted(wat('(module (func (export "g")))'))
    assert other.stripped_sha256 != before.stripped_sha256


def test_a_compilers_claims_are_read_from_its_sections() -> None:
    claim = name("language") + vector(name("C") + name("11"))
    wasm = module(
        custom("producers", vector(claim)),
        custom("target_features", vector(b"+" + name("simd128"), b"-" + name("atomics"))),
    )

    inspection = accepted(wasm)

    assert inspection.producers == (Producer("language", "C", "11"),)
    assert inspection.target_features == ("+simd128", "-atomics")


@pytest.mark.parametrize(
    "content", [b"\xff\xff\xff\xff\x0f", b"\x01\x05ab", leb(65), b"\x01\x01\xff\0"]
)
def test_claims_that_cannot_be_read_are_no_claims(content: bytes) -> None:
    wasm = module(custom("producers", content), custom("target_features", content))

    inspection = accepted(wasm)

    assert (inspection.producers, inspection.target_features) == ((), ())
    assert inspection.custom_sections_total == 2


def test_names_are_kept_as_the_data_that_they_are() -> None:
    hostile = "<script>\0\u202e{{x}}'; DROP"
    wasm = module(
        section(1, NO_TYPE),
        section(2, vector(name(hostile) + name("") + b"\0\0")),
    )

    assert accepted(wasm).imports[0].module == hostile


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"a\xe2\x82"])
def test_a_name_that_is_not_utf8_is_malformed(bad: bytes) -> None:
    text = leb(len(bad)) + bad
    imports = section(2, vector(text + name("x") + b"\0\0"))

    for wasm in (module(section(0, text)), module(section(1, NO_TYPE), imports)):
        verdict = refused(wasm)
        assert (verdict.reason, verdict.facts["fault"]) == ("malformed", "bad_utf8")


def test_w23_facts_and_message_hold_nothing_of_the_engines_words() -> None:
    verdict = refused(wat('(module (import "a" "b" (func)) (func (export "run") i32.add))'))

    assert verdict.reason == "malformed"
    assert verdict.facts == {"fault": "rejected_by_validator"}
    assert verdict.message == "The module breaks the validation rules of WebAssembly."
    assert verdict.detail.startswith("function 1 ('run'), byte ")
    assert "type mismatch" in verdict.detail


def test_w23_verdicts_that_differ_only_in_the_engines_words_are_equal() -> None:
    verdict = refused(wat("(module (func i32.add))"))

    assert verdict == replace(verdict, detail="what a later engine says")


def test_a_fault_in_a_function_without_a_name_still_names_its_index() -> None:
    detail = refused(wat('(module (memory (export "m") 1) (func) (func i32.add))')).detail

    assert detail.startswith("function 1, byte ")


def test_a_fault_outside_of_functions_keeps_the_engines_words() -> None:
    twice = section(7, vector(name("f") + b"\0\0", name("f") + b"\0\0"))
    wasm = module(section(1, NO_TYPE), section(3, b"\x01\0"), twice, section(10, b"\x01\x02\0\x0b"))

    assert refused(wasm).detail.startswith("duplicate export name")


def test_threads_that_ask_for_one_policy_share_one_engine() -> None:
    _build.cache_clear()
    wasm = wat('(module (func (export "f")))')
    policy = WasmPolicy(ALWAYS_ON | {"bulk-memory"})

    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda _: inspect_module(wasm, policy), range(64)))

    assert _build.cache_info().misses == 1
    assert set(verdicts) == {accepted(wasm)}


def test_a_module_of_a_real_compiler_is_accepted_and_read(tmp_path: Path) -> None:
    source = """
    __attribute__((import_module("env"), import_name("log"))) void log_it(int);
    __attribute__((export_name("run"))) int run(int n) { log_it(n); return n + 1; }
    """

    inspection = accepted(compile_c(source, tmp_path))

    assert [(entry.module, entry.name) for entry in inspection.imports] == [("env", "log")]
    assert Export("run", "function", FunctionType(("i32",), ("i32",))) in inspection.exports
    assert "+mutable-globals" in inspection.target_features
