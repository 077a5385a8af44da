"""The canonical form is RFC 8785's, and what has none is refused."""

import json

import pytest
import rfc8785
from hypothesis import given, settings

from lifecycle.codec.canonical import (
    CanonicalFormError,
    canonical_bytes,
    digest_of,
    parse_canonical,
)
from lifecycle.core.values import JsonValue
from tests.codec.strategies import JSON


@settings(max_examples=500)
@given(JSON)
def test_the_bytes_are_those_of_the_reference_implementation(value: JsonValue) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@settings(max_examples=300)
@given(JSON)
def test_parsing_inverts_encoding(value: JsonValue) -> None:
    assert parse_canonical(canonical_bytes(value)) == value


@settings(max_examples=300)
@given(JSON)
def test_l17_any_strict_reader_reads_what_is_stored(value: JsonValue) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(canonical_bytes(value), parse_constant=refuse) == value


def test_names_are_sorted_by_utf_16_code_units() -> None:
    """U+1F600 is above U+FB33, but its first code unit, D83D, is below FB33."""
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3}

    assert canonical_bytes(value) == '{"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


def test_names_are_sorted_within_lists_and_objects() -> None:
    value: JsonValue = {"é": [{"\ufb33": 1, "\U0001f600": 2}, "x"]}

    assert canonical_bytes(value) == '{"é":[{"\U0001f600":2,"\ufb33":1},"x"]}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30, {"a": [2**53]}])
def test_l15_integers_beyond_two_to_the_53rd_have_no_form(value: JsonValue) -> None:
    with pytest.raises(CanonicalFormError):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [2**53 - 1, -(2**53) + 1])
def test_l15_the_largest_integers_are_exact(value: int) -> None:
    assert canonical_bytes(value) == str(value).encode()


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, {"é": "\ud800"}, ["a\udc80"]])
def test_l19_lone_surrogates_have_no_form(value: JsonValue) -> None:
    with pytest.raises(CanonicalFormError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1}\n',
        b'"\\u0061"',
        b'"\xff"',
        b'"\\ud800"',
        b"1.0",
        b"1e3",
        b"NaN",
        b"[1.5]",
        b'{"a":[{"b":0.1}]}',
        b"9007199254740992",
        b"-0",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(CanonicalFormError):
        parse_canonical(text)


def test_a_digest_is_sha_256_in_lower_case() -> None:
    assert digest_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
