"""Identifiers, hashes and hex: their types, their grammar and the one normaliser of each.

Nothing here knows what an id stands for.
"""

import re
from typing import NewType

AgentId = NewType("AgentId", str)
LocationId = NewType("LocationId", str)
ModuleId = NewType("ModuleId", str)
DecisionId = NewType("DecisionId", str)
WasmHash = NewType("WasmHash", str)
Digest = NewType("Digest", str)

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
ID_RULE = "1 to 128 of A-Z a-z 0-9 . _ -, starting with a letter or digit"
HASH_RULE = "64 hexadecimal digits, optionally after 0x or sha256:"
HEX_RULE = "an even number of hexadecimal digits, optionally after 0x"

_ID = re.compile(ID_PATTERN)
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Pages show the first 8 or 12 digits of a hash; people remember fewer.
_BEGINNING = re.compile(r"(?:sha256:)?(?:0x)?([0-9a-f]{6,64})")
_ALGORITHM = re.compile(r"([a-z][a-z0-9_-]{1,15}):")
_OUTER_SPACE = " \t\r\n"


class HashFormatError(ValueError):
    """A text is not a SHA-256 in any accepted spelling; `reason` says what it looks like."""

    def __init__(self, reason: str) -> None:
        """Keep the reason: a short phrase without the offending text."""
        super().__init__(reason)
        self.reason = reason


def is_id(text: str) -> bool:
    """Say whether a text is a well-formed agent, location or module id."""
    return _ID.fullmatch(text) is not None


def normalise_hash(text: str) -> WasmHash:
    """Give the one stored spelling of a SHA-256: 64 lower-case hexadecimal digits.

    Accepts upper or lower case, outer white space and the prefixes ``0x``, ``0X`` and ``sha256:``.

    Raises:
        HashFormatError: anything else, with the reason.
    """
    bare = text.strip(_OUTER_SPACE).lower()
    algorithm = _ALGORITHM.match(bare)
    if algorithm is not None:
        if algorithm[1] != "sha256":
            reason = f"{algorithm[1]} is not an accepted algorithm"
            raise HashFormatError(reason)
        bare = bare[algorithm.end() :]
    bare = bare.removeprefix("0x")
    if _SHA256.fullmatch(bare) is None:
        raise HashFormatError(_why_not_sha256(bare))
    return WasmHash(bare)


def beginning_of_hash(text: str) -> str | None:
    """Give the digits that a text names a SHA-256 by: its first six or more, or all of them.

    The spellings are those of `normalise_hash`. `None` for any other text.
    """
    found = _BEGINNING.fullmatch(text.strip(_OUTER_SPACE).lower())
    return None if found is None else found[1]


def _why_not_sha256(bare: str) -> str:
    if bare == "":
        return "it is empty"
    if re.fullmatch(r"[0-9a-f]+", bare):
        return f"it has {len(bare)} hexadecimal digits"
    return "it holds characters that are not hexadecimal digits"


def decode_hex(text: str) -> bytes | None:
    """Decode hexadecimal text: either case, outer white space, a ``0x`` prefix.

    Returns:
        The bytes, at least one; ``None`` when the text is empty, odd or not hexadecimal.
    """
    bare = text.strip(_OUTER_SPACE)
    if bare[:2] in {"0x", "0X"}:
        bare = bare[2:]
    try:
        decoded = bytes.fromhex(bare)
    except ValueError:
        return None
    # `fromhex` skips white space between digits, which is not accepted here. Comparing lengths
    # finds it fifty times faster than a pattern over 16 MiB of text.
    return decoded if decoded and 2 * len(decoded) == len(bare) else None
