"""The kinds of fields that decisions have: how each is checked, normalised and published.

Which decision has which field stands in `schema`.
"""

import re
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from lifecycle.core.ids import (
    HASH_RULE,
    HEX_RULE,
    ID_PATTERN,
    ID_RULE,
    HashFormatError,
    decode_hex,
    is_id,
    normalise_hash,
)
from lifecycle.protocol.owners import OWNER_RULE, OwnerFormatError, normalise_owner
from lifecycle.protocol.shown import shown, type_name

LARGEST_INTEGER: Final = 2**53 - 1
DEFAULT_VERSION: Final = "0.1.0"
LONGEST_MESSAGE: Final = 10_000
LONGEST_PATH: Final = 512
VERSION_PATTERN: Final = r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}"
VERSION_RULE: Final = "1 to 64 of 0-9 A-Z a-z . + - _, starting with a letter or digit"
_OWNER_PATTERN: Final = rf"^\s*(?:[Ss][Ee][Ll][Ff]|agent:{ID_PATTERN})\s*$"
_HASH_PATTERN: Final = r"^\s*(?:[Ss][Hh][Aa]256:)?(?:0[xX])?[0-9a-fA-F]{64}\s*$"
_HEX_PATTERN: Final = r"^\s*(?:0[xX])?(?:[0-9a-fA-F]{2})+\s*$"
FILE_RULE: Final = "object of paths and texts, or list of objects with path and content"
_EXAMPLE_HASH: Final = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"

_VERSION: Final = re.compile(VERSION_PATTERN)
_NOT_HEX: Final = re.compile(r"[^0-9a-fA-F]")


def _check_id(text: str) -> str:
    if not is_id(text):
        raise PydanticCustomError("invalid_id", "no id", {"accepted": ID_RULE})
    return text


def _check_version(text: str) -> str:
    if _VERSION.fullmatch(text) is None:
        raise PydanticCustomError("invalid_version", "no version", {"accepted": VERSION_RULE})
    return text


def _check_owner(text: str) -> str:
    try:
        return normalise_owner(text)
    except OwnerFormatError as error:
        facts = {"reason": error.reason, "accepted": OWNER_RULE}
        raise PydanticCustomError("invalid_owner", "no owner", facts) from error


def _check_hash(text: str) -> str:
    try:
        return normalise_hash(text)
    except HashFormatError as error:
        facts = {"reason": error.reason, "accepted": HASH_RULE}
        raise PydanticCustomError("invalid_hash", "no hash", facts) from error


def _check_hex(value: object) -> bytes:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "no text", {"expected": "string"})
    decoded = decode_hex(value)
    if decoded is None:
        facts = {"reason": _why_not_hex(value), "accepted": HEX_RULE}
        raise PydanticCustomError("invalid_hex", "no hex", facts)
    return decoded


def _why_not_hex(text: str) -> str:
    bare = text.strip()
    if bare[:2] in {"0x", "0X"}:
        bare = bare[2:]
    if not bare:
        return "it holds no digits"
    odd_one = _NOT_HEX.search(bare)
    if odd_one is not None:
        return f"its character {odd_one.start() + 1} is not a hexadecimal digit"
    return f"it has {len(bare)} digits, an odd number"


def _hex_of(content: bytes) -> str:
    return content.hex()


def _files_by_path(value: object) -> object:
    """Take files as a list too: providers' strict modes know no object with free names."""
    if not isinstance(value, list):
        return value
    files: dict[str, str] = {}
    for entry in value:
        path, content = _path_and_content(entry)
        if path in files:
            raise PydanticCustomError("duplicate_key", "twice", {"path": shown(path)})
        files[path] = content
    return files


def _path_and_content(entry: object) -> tuple[str, str]:
    match entry:
        case {"path": str(path), "content": str(content), **others} if not others:
            return path, content
        case _:
            facts = {"expected": FILE_RULE, "received_type": type_name(entry)}
            raise PydanticCustomError("wrong_type", "no file", facts)


Id = Annotated[
    str, AfterValidator(_check_id), Field(json_schema_extra={"pattern": f"^{ID_PATTERN}$"})
]
Owner = Annotated[
    str, AfterValidator(_check_owner), Field(json_schema_extra={"pattern": _OWNER_PATTERN})
]
Version = Annotated[
    str,
    AfterValidator(_check_version),
    Field(json_schema_extra={"pattern": f"^{VERSION_PATTERN}$"}),
]
Hash = Annotated[
    str, AfterValidator(_check_hash), Field(json_schema_extra={"pattern": _HASH_PATTERN})
]
HexBytes = Annotated[
    bytes,
    PlainValidator(_check_hex),
    PlainSerializer(_hex_of, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _HEX_PATTERN}),
]
Ticks = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]
Count = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
Path = Annotated[str, Field(min_length=1, max_length=LONGEST_PATH)]
Message = Annotated[str, Field(max_length=LONGEST_MESSAGE)]
SourceFiles = Annotated[
    dict[str, str],
    BeforeValidator(_files_by_path),
    Field(json_schema_extra={"minProperties": 1}),
]
