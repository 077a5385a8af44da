"""Source packages and diagnostics as content: canonical bytes and back."""

import msgspec
import pytest
from hypothesis import given, strategies

from lifecycle.codec.packages import (
    decode_diagnostics,
    decode_package,
    encode_diagnostics,
    encode_package,
)
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonValue
from tests.codec.strategies import TEXTS


@given(TEXTS, strategies.dictionaries(TEXTS, TEXTS, max_size=5))
def test_decoding_inverts_encoding(manifest_path: str, files: dict[str, str]) -> None:
    package = SourcePackage(manifest_path, files)

    assert decode_package(encode_package(package)) == package


def test_the_bytes_do_not_depend_on_the_order_of_the_files() -> None:
    one = SourcePackage("a.c", {"a.c": "1", "b.c": "2"})
    other = SourcePackage("a.c", {"b.c": "2", "a.c": "1"})

    assert encode_package(one) == encode_package(other)


def test_the_bytes_are_the_published_form() -> None:
    package = SourcePackage("b.c", {"b.c": "int x;\n", "a.c": ""})

    assert encode_package(package) == (
        b'{"files":{"a.c":"","b.c":"int x;\\n"},"manifest_path":"b.c"}'
    )


@pytest.mark.parametrize("encoded", [b"", b"{}", b'{"files":{"a":1},"manifest_path":"a"}'])
def test_bytes_that_are_no_package_are_refused(encoded: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_package(encoded)


def test_diagnostics_come_back_as_they_were() -> None:
    diagnostics: list[dict[str, JsonValue]] = [
        {"file": "a.c", "line": 3, "column": 5, "severity": "error", "message": "no such «thing»"},
        {"file": None, "line": None, "column": None, "severity": "note", "message": ""},
    ]

    assert decode_diagnostics(encode_diagnostics(diagnostics)) == diagnostics
