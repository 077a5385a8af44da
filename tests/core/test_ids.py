"""Ids, hashes and hex: one grammar, one normaliser, one stored spelling."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies

from lifecycle.core.ids import HashFormatError, beginning_of_hash, decode_hex, is_id, normalise_hash

HASH = sha256(b"x").hexdigest()


@pytest.mark.parametrize("text", ["a", "0", "Ada-1.b_c", "n" * 128])
def test_ids_are_letters_digits_dot_underscore_and_hyphen(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "-a", ".a", "_a", "a b", "a/b", "é", "n" * 129, "a\n", "٣"])
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_h01_capitals_are_stored_in_lower_case() -> None:
    assert normalise_hash(HASH.upper()) == HASH


@pytest.mark.parametrize("spelling", [f" {HASH}", f"{HASH}\n", f"\t{HASH}\r\n"])
def test_h03_outer_white_space_is_trimmed(spelling: str) -> None:
    assert normalise_hash(spelling) == HASH


def test_h03_white_space_inside_is_refused() -> None:
    with pytest.raises(HashFormatError, match="not hexadecimal"):
        normalise_hash(f"{HASH[:32]} {HASH[32:]}")


@pytest.mark.parametrize("prefix", ["sha256:", "SHA256:", "0x", "0X", "sha256:0x"])
def test_h05_the_prefixes_of_sha_256_are_taken_off(prefix: str) -> None:
    assert normalise_hash(prefix + HASH) == HASH


@pytest.mark.parametrize("name", ["sha512", "md5", "blake2b", "sha3-256"])
def test_h05_other_algorithms_are_refused_by_name(name: str) -> None:
    with pytest.raises(HashFormatError) as error:
        normalise_hash(f"{name}:{HASH}")

    assert error.value.reason == f"{name} is not an accepted algorithm"


def test_h07_base64_is_refused_as_not_hexadecimal() -> None:
    with pytest.raises(HashFormatError, match="not hexadecimal"):
        normalise_hash(base64.b64encode(sha256(b"x").digest()).decode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("0x", "it is empty"),
        (HASH[:-1], "it has 63 hexadecimal digits"),
        (HASH + "0", "it has 65 hexadecimal digits"),
        ("g" * 64, "it holds characters that are not hexadecimal digits"),
        ("٣" * 64, "it holds characters that are not hexadecimal digits"),
    ],
)
def test_a_malformed_hash_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(HashFormatError) as error:
        normalise_hash(text)

    assert error.value.reason == reason


@hypothesis_given(strategies.binary(min_size=32, max_size=32), strategies.data())
def test_h09_every_spelling_of_a_hash_has_one_stored_form(
    digest: bytes, data: strategies.DataObject
) -> None:
    case = data.draw(strategies.sampled_from([str.upper, str.lower, str.title]))
    prefix = data.draw(strategies.sampled_from(["", "0x", "sha256:", " ", "\n0X"]))

    assert normalise_hash(prefix + case(digest.hex())) == digest.hex()


@hypothesis_given(strategies.binary(min_size=1))
def test_hex_of_either_case_gives_the_bytes(content: bytes) -> None:
    assert decode_hex(content.hex()) == content
    assert decode_hex(f" 0x{content.hex().upper()}\n") == content
    assert decode_hex(f"0X{content.hex()}") == content


@pytest.mark.parametrize(
    "text", ["", " ", "0x", "a", "abc", "ag", "a b", "ab cd", "ab\ncd", "0x0x00", "é0", "٣٣", "=="]
)
def test_what_is_not_hex_gives_nothing(text: str) -> None:
    assert decode_hex(text) is None


@pytest.mark.parametrize("spelling", ["{}", " 0x{}\n", "sha256:{}", "SHA256:0X{}"])
@pytest.mark.parametrize("digits", [6, 12, 64])
def test_a_hash_is_named_by_its_first_six_digits_or_more(spelling: str, digits: int) -> None:
    assert beginning_of_hash(spelling.format(HASH[:digits].upper())) == HASH[:digits]


@pytest.mark.parametrize("text", ["", "abcde", "abcdeg", "0xabcde", "md5:abcdef", HASH + "0"])
def test_other_texts_name_no_hash(text: str) -> None:
    assert beginning_of_hash(text) is None
