"""Canonical JSON and SHA-256: the exact bytes that every digest of the service covers.

The form is RFC 8785 without floating-point numbers. Nothing here knows what the JSON means.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from lifecycle.core.ids import Digest
from lifecycle.core.values import JsonValue

LARGEST_INTEGER: Final = 2**53 - 1


class CanonicalFormError(ValueError):
    """A value has no canonical form: a float, an integer past 2**53 - 1, a lone surrogate."""


def canonical_bytes(value: JsonValue) -> bytes:
    """Encode a JSON value in its one canonical form.

    Floating-point numbers are not looked for, which would cost more than encoding does: the types
    of events exclude them, and `refuse_floats` finds them in values of unknown content.

    Raises:
        CanonicalFormError: the value holds an integer past 2**53 - 1 or a lone surrogate.

    Source: RFC 8785, "JSON Canonicalization Scheme": members in order of their names' UTF-16
    code units, no white space, the shortest escapes.
    """
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
        if encoded.isascii():
            return encoded
        # orjson sorts names by code point, which differs from UTF-16 order past U+FFFF.
        return orjson.dumps(_in_utf16_order(value), option=orjson.OPT_STRICT_INTEGER)
    except TypeError as error:
        message = "the value has no canonical JSON form"
        raise CanonicalFormError(message) from error


def _in_utf16_order(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _in_utf16_order(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(item) for item in value]
    return value


def parse_canonical(encoded: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Decode bytes that must be canonical JSON without floating-point numbers.

    Raises:
        CanonicalFormError: the bytes are not JSON, or not in canonical form.
    """
    try:
        value = orjson.loads(encoded)
    except orjson.JSONDecodeError as error:
        message = "the text is not JSON"
        raise CanonicalFormError(message) from error
    # Encoding bounds the depth, which the walk below relies on.
    if canonical_bytes(value) != encoded:
        message = "the JSON is not in canonical form"
        raise CanonicalFormError(message)
    refuse_floats(value)
    return value


def refuse_floats(value: "JsonValue | float") -> None:
    """Look through a value of unknown content.

    Raises:
        CanonicalFormError: it holds a floating-point number.
    """
    if isinstance(value, float):
        message = "a floating-point number has no place in a journal"
        raise CanonicalFormError(message)
    if isinstance(value, dict):
        for item in value.values():
            refuse_floats(item)
    elif isinstance(value, list):
        for item in value:
            refuse_floats(item)


def digest_of(content: bytes) -> Digest:
    """Give the SHA-256 of bytes, in lower-case hexadecimal."""
    return Digest(hashlib.sha256(content).hexdigest())
