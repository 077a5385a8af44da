"""Each limit of the policy: a module at it is accepted, one past it is refused."""

import time
import tracemalloc
from dataclasses import fields, replace

import pytest

from lifecycle.wasm.inspect import Inspection, inspect_module
from lifecycle.wasm.policy import KNOWN_FEATURES, WasmLimits, WasmPolicy
from tests.wasm.building import (
    HEADER,
    NO_TYPE,
    accepted,
    custom,
    leb,
    module,
    name,
    refused,
    seconds_allowed,
    section,
    vector,
    wat,
)

# Limit to a module and how much of the limited thing it holds.
AT_LIMIT: dict[str, tuple[int, bytes]] = {
    "module_bytes": (8, HEADER),
    "types": (2, wat("(module (type (func)) (type (func (param i32))))")),
    "type_values": (3, wat("(module (type (func (param i32 i32) (result i32))))")),
    "functions": (2, wat("(module (func) (func))")),
    "params_per_function": (2, wat("(module (func (param i32 i32)))")),
    "params_total": (
        6,
        wat("""(module (type $t (func (param i32 i32)))
          (import "a" "b" (func (type $t))) (func (type $t)) (func (type $t)))"""),
    ),
    "results_per_function": (
        2,
        wat("(module (func (result i32 i32) i32.const 0 i32.const 0))"),
    ),
    "struct_fields": (3, wat("(module (type (struct (field i8 i32 (ref null 0)))))")),
    "locals_per_function": (4, wat("(module (func (local i32 i32 i64 i32)))")),
    "local_groups_total": (
        3,
        wat("(module (func (local i32 i32 i64)) (func (local i32)))"),
    ),
    "globals": (
        2,
        wat('(module (import "a" "b" (global i32)) (global i32 (i32.const 0)))'),
    ),
    "tags": (2, wat('(module (import "a" "b" (tag)) (tag))')),
    "tables": (2, wat('(module (import "a" "b" (table 0 funcref)) (table 0 funcref))')),
    "table_minimum_elements": (7, wat("(module (table 7 funcref))")),
    "table_maximum_elements": (9, wat("(module (table 0 9 funcref))")),
    "memories": (2, wat('(module (import "a" "b" (memory 0)) (memory 0))')),
    "memory_minimum_pages": (3, wat("(module (memory 3))")),
    "memory_maximum_pages": (5, wat("(module (memory 0 5))")),
    "element_segments": (
        2,
        wat("(module (func) (elem func 0) (elem func 0))"),
    ),
    "element_items": (
        3,
        wat("(module (func) (elem func 0 0) (elem funcref (ref.null func)))"),
    ),
    "constant_instructions": (
        4,
        wat("(module (global i32 (i32.const 0)) (global f64 (f64.const 0)))"),
    ),
    "data_segments": (2, wat('(module (data "a") (data "b"))')),
    "data_bytes": (5, wat('(module (data "ab") (data "cde"))')),
    "imports": (2, wat('(module (import "a" "b" (func)) (import "a" "c" (func)))')),
    "exports": (2, wat('(module (func (export "a") (export "b")))')),
    "name_bytes": (4, wat('(module (func (export "four")))')),
    "custom_sections": (2, module(custom("a"), custom("b"))),
    "custom_bytes": (7, module(custom("a", b"12"), custom("b", b"3"))),
}


def policy_with(limit_name: str, maximum: int) -> WasmPolicy:
    return WasmPolicy(KNOWN_FEATURES, replace(WasmLimits(), **{limit_name: maximum}))


def test_every_limit_of_the_policy_is_tested_here() -> None:
    assert set(AT_LIMIT) == {field.name for field in fields(WasmLimits)}


@pytest.mark.parametrize("limit_name", AT_LIMIT)
def test_a_module_at_a_limit_is_accepted(limit_name: str) -> None:
    amount, wasm = AT_LIMIT[limit_name]

    accepted(wasm, policy_with(limit_name, amount))


@pytest.mark.parametrize("limit_name", AT_LIMIT)
def test_a_module_past_a_limit_is_refused_naming_it(limit_name: str) -> None:
    amount, wasm = AT_LIMIT[limit_name]

    verdict = refused(wasm, policy_with(limit_name, amount - 1))

    assert verdict.reason == ("too_large" if limit_name == "module_bytes" else "limit_exceeded")
    assert verdict.facts["limit_name"] == limit_name
    assert verdict.facts["maximum"] == amount - 1
    assert verdict.facts["actual"] == amount
    assert limit_name.replace("_", " ") in verdict.message


@pytest.mark.parametrize("declared", [100_001, 2**32 - 1])
def test_w09_a_table_declared_with_billions_of_entries_is_refused(declared: int) -> None:
    for entry in (b"\x70\0" + leb(declared), b"\x70\x01\0" + leb(2**32 - 1)):
        verdict = refused(module(section(4, b"\x01" + entry)))

        assert verdict.reason == "limit_exceeded"
        assert str(verdict.facts["limit_name"]).startswith("table_")


def test_w09_a_table_of_64_bits_is_refused_by_a_number_that_json_holds_exactly() -> None:
    wasm = module(section(4, b"\x01\x70\x04" + leb(2**64 - 1)))

    assert refused(wasm).facts["actual"] == 2**53 - 1


def test_w09_an_imported_table_is_held_to_the_same_limit() -> None:
    wasm = wat('(module (import "a" "b" (table 4000000000 funcref)))')

    assert refused(wasm).facts["limit_name"] == "table_minimum_elements"


def test_w11_a_signature_of_a_thousand_parameters_is_refused() -> None:
    wasm = wat(f"(module (type (func (param {'i32 ' * 1000}))))")

    assert refused(wasm).facts == {
        "limit_name": "params_per_function",
        "actual": 1000,
        "maximum": 100,
    }


def test_w11_parameters_count_again_for_each_function_that_reuses_a_signature() -> None:
    signature = b"\x60" + leb(100) + b"\x7f" * 100 + b"\0"
    functions = section(3, leb(40_000) + b"\0" * 40_000)

    verdict = refused(module(section(1, vector(signature)), functions))

    assert verdict.facts["limit_name"] == "params_total"


def test_pages_of_another_size_are_counted_as_pages_of_64_kib() -> None:
    policy = policy_with("memory_minimum_pages", 1)

    assert accepted(wat("(module (memory 65536 (pagesize 1)))"), policy).memories_total == 1
    verdict = refused(wat("(module (memory 65537 (pagesize 1)))"), policy)
    assert verdict.facts["actual"] == 2


def huge(number: int) -> bytes:
    """Encode a section that declares 2**32 - 1 of whatever it holds."""
    return section(number, leb(2**32 - 1))


HOSTILE = {
    **{f"huge section {number}": huge(number) for number in range(14)},
    "100,000 types": section(1, leb(100_000) + b"\x60\0\0" * 100_000),
    "huge type": section(1, b"\x01\x60" + leb(2**32 - 1)),
    "huge results": section(1, b"\x01\x60\0" + leb(2**32 - 1)),
    "huge group": section(1, b"\x01\x4e" + leb(2**32 - 1)),
    "huge supertypes": section(1, b"\x01\x50" + leb(2**32 - 1)),
    "huge struct": section(1, b"\x01\x5f" + leb(2**32 - 1)),
    "huge name": section(2, b"\x01" + leb(2**32 - 1)),
    "huge locals": section(1, NO_TYPE)
    + section(3, b"\x01\0")
    + section(10, b"\x01\x08\x01" + leb(2**32 - 1) + b"\x7f\x0b"),
    "huge local groups": section(10, b"\x01\x08" + leb(2**32 - 1) + b"\x01\x7f\x0b"),
    "huge body": section(10, b"\x01" + leb(2**32 - 1)),
    "huge segment": section(11, b"\x01\x01" + leb(2**32 - 1)),
    "huge elements": section(9, b"\x01\x01\0" + leb(2**32 - 1)),
    "huge page size": section(5, b"\x01\x08\0" + leb(2**32 - 1)),
    "endless number": b"\x01" + b"\x80" * 1_000_000,
    "endless constant": section(6, b"\x01\x7f\0" + b"\x41\0" * 1_000_000),
    "endless heap type": section(1, b"\x01\x60\x01\x63" + b"\xff" * 1_000_000),
    "2,000,000 sections": custom("") * 2_000_000,
    "200,000 values": section(
        1, leb(2_000) + (b"\x60" + leb(100) + b"\x63\0" * 100 + b"\0") * 2_000
    ),
    "50,000 functions": section(1, NO_TYPE)
    + section(3, leb(50_000) + b"\0" * 50_000)
    + section(10, leb(50_000) + b"\x08\x03\0\x7f\0\x7e\0\x7f\x0b" * 50_000),
    "10,000 long exports": section(1, NO_TYPE)
    + section(3, b"\x01\0")
    + section(7, vector(*(name(f"{n:0500}") + b"\0\0" for n in range(10_000))))
    + section(10, b"\x01\x02\0\x0b"),
    "1,000,000 blocks": section(1, NO_TYPE)
    + section(3, b"\x01\0")
    + section(10, b"\x01" + leb(3_000_002) + b"\0" + b"\x02\x40" * 10**6 + b"\x0b" * 1_000_001),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("policy", [WasmPolicy(), WasmPolicy(KNOWN_FEATURES)])
def test_hostile_modules_are_judged_within_a_second(case: str, policy: WasmPolicy) -> None:
    wasm = HEADER + HOSTILE[case]
    started = time.process_time()

    inspect_module(wasm, policy)

    assert time.process_time() - started < seconds_allowed()


@pytest.mark.parametrize("case", [case for case in HOSTILE if case.startswith("huge")])
def test_nothing_is_allocated_for_what_is_only_declared(case: str) -> None:
    wasm = HEADER + HOSTILE[case]
    inspect_module(HEADER, WasmPolicy())
    tracemalloc.start()

    verdict = inspect_module(wasm, WasmPolicy())

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not isinstance(verdict, Inspection)
    assert peak_bytes < 100_000
