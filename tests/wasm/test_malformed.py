"""Bytes that break the binary format, each by its stable fault code."""

import pytest

from lifecycle.wasm.contents import Contents
from lifecycle.wasm.engine import complaint
from lifecycle.wasm.locate import name_place
from lifecycle.wasm.policy import KNOWN_FEATURES, WasmPolicy
from tests.wasm.building import HEADER, NO_TYPE, custom, leb, module, name, refused, section, vector

EVERYTHING = WasmPolicy(KNOWN_FEATURES)
TYPES = section(1, NO_TYPE)

MALFORMED = {
    "a section of an unknown kind": ("unknown_section", section(14, b"")),
    "a section twice": ("section_order", TYPES + TYPES),
    "a section too late": ("section_order", section(3, b"\0") + TYPES),
    "a tag section after the globals": ("section_order", section(6, b"\0") + section(13, b"\0")),
    "a section longer than its entries": ("section_size_mismatch", section(1, b"\0\0")),
    "a section without its count": ("past_section_end", section(1, b"")),
    "a section shorter than its entries": ("past_section_end", section(1, b"\x01\x60\0")),
    "a section that ends in a value type": ("past_section_end", section(1, b"\x01\x60\x05\x7f")),
    "a name past its section": ("past_section_end", section(2, b"\x01\x09abc") + custom("x")),
    "indexes past their section": (
        "past_section_end",
        section(9, b"\x01\x01\0\x05\0\0") + custom("x"),
    ),
    "a number of six bytes": ("bad_leb128", section(1, b"\x80\x80\x80\x80\x80\0")),
    "a number of 33 bits": ("bad_leb128", section(1, b"\xff\xff\xff\xff\x1f")),
    "a constant of six bytes": ("bad_leb128", section(6, b"\x01\x7f\0\x41" + b"\x80" * 5 + b"\0")),
    "a heap type of six bytes": (
        "bad_leb128",
        section(1, b"\x01\x60\x01\x63" + b"\x80" * 5 + b"\0\0"),
    ),
    "an unknown value type": ("bad_type", section(1, b"\x01\x60\x01\x40\0")),
    "an unknown heap type": ("bad_type", section(1, b"\x01\x60\x01\x63\x40\0")),
    "an unknown form of type": ("bad_type", section(1, b"\x01\x40")),
    "an unknown mutability": ("bad_type", section(6, b"\x01\x7f\x02\x41\0\x0b")),
    "unknown flags of a table": ("bad_type", section(4, b"\x01\x70\x08\0")),
    "unknown flags of a memory": ("bad_type", section(5, b"\x01\x10\0")),
    "a page of more than 64 KiB": ("bad_type", section(5, b"\x01\x08\0\x11")),
    "a function of a struct type": (
        "bad_type",
        section(1, b"\x01\x5f\0") + section(3, b"\x01\0"),
    ),
    "a type index too great": ("bad_index", TYPES + section(3, b"\x01\x01")),
    "an exported index too great": ("bad_index", section(7, vector(name("f") + b"\x02\0"))),
    "an unknown kind of export": ("bad_kind", section(7, vector(name("f") + b"\x05\0"))),
    "an unknown kind of import": ("bad_kind", section(2, vector(name("") * 2 + b"\x09"))),
    "a compact kind of export": ("bad_kind", section(7, vector(name("f") + b"\x7f\0"))),
    "an unknown kind of data segment": ("bad_kind", section(11, b"\x01\x03")),
    "an unknown kind of element segment": ("bad_kind", section(9, b"\x01\x08")),
    "an initial value that is not constant": ("bad_constant", section(6, b"\x01\x7f\0\x10\0\x0b")),
    "a vector instruction that is not constant": (
        "bad_constant",
        section(6, b"\x01\x7b\0\xfd\x0d\x0b"),
    ),
    "a GC instruction that is not constant": (
        "bad_constant",
        section(6, b"\x01\x6e\0\xfb\x02\x0b"),
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_broken_format_is_refused_by_its_fault(case: str) -> None:
    fault, sections = MALFORMED[case]

    verdict = refused(HEADER + sections, EVERYTHING)

    assert (verdict.reason, verdict.facts["fault"]) == ("malformed", fault)
    assert verdict.message.endswith(".")
    assert verdict.detail == ""


@pytest.mark.parametrize("case", MALFORMED)
def test_what_the_reader_calls_malformed_the_engine_refuses_too(case: str) -> None:
    assert complaint(HEADER + MALFORMED[case][1], KNOWN_FEATURES) is not None


@pytest.mark.parametrize("tail", [b"\x01", b"\x01\x05\0", b"\x01\x80", b"\x01" + leb(2**32 - 1)])
def test_a_section_that_the_module_ends_inside_is_truncated(tail: bytes) -> None:
    verdict = refused(HEADER + tail)

    assert (verdict.reason, verdict.facts) == ("truncated", {"section": "module"})


def test_a_tag_of_a_type_that_is_no_functions_is_malformed() -> None:
    wasm = module(section(1, b"\x01\x5e\x7f\0"), section(13, b"\x01\0\0"))

    assert refused(wasm, EVERYTHING).facts["fault"] == "bad_type"


def test_a_complaint_without_an_offset_is_kept_as_it_is() -> None:
    assert name_place("out of memory", Contents()) == "out of memory"
