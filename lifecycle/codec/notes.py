"""Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature.

The form alone. Nothing here signs, verifies a signature or reads a key's file.
"""

import base64
import binascii
import hashlib
import re
from typing import Final, NamedTuple

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_SIGNATURE_BYTES: Final = 64
_PUBLIC_BYTES: Final = 32
_LONGEST: Final = 64 * 1024
_SIGNATURE_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


class NoteFormatError(ValueError):
    """A text is no signed note, or no key of one."""


class Signature(NamedTuple):
    """A signature as its line tells it: under which name, by which key."""

    name: str
    key_id: str
    signature: bytes


class SignedNote(NamedTuple):
    """A note and its signatures, none of them verified."""

    text: str
    signatures: tuple[Signature, ...]


class PublicKey(NamedTuple):
    """An Ed25519 key that verifies notes, under the name that signs them."""

    name: str
    public: bytes

    @property
    def key_id(self) -> str:
        """Give the first bytes of the hash of name and key, in hexadecimal."""
        hashed = hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public)
        return hashed.digest()[:_KEY_ID_BYTES].hex()

    @property
    def vkey(self) -> str:
        """Give the key as one line of text, the form that verifiers of notes take."""
        return f"{self.name}+{self.key_id}+{base64.b64encode(_ED25519 + self.public).decode()}"


def parse_vkey(line: str) -> PublicKey:
    """Read a public key from its line.

    Raises:
        NoteFormatError: it is none, or its id is not that of the key.
    """
    name, first, rest = line.strip().partition("+")
    key_id, second, encoded = rest.partition("+")
    data = _decode(encoded)
    if not first or not second or not name or data[:1] != _ED25519:
        raise NoteFormatError("a key is NAME+ID+BASE64 of an Ed25519 key")
    key = PublicKey(name, data[1:])
    if len(key.public) != _PUBLIC_BYTES or key.key_id != key_id:
        raise NoteFormatError("the key's id is not that of its bytes")
    return key


def note_of(text: str, key: PublicKey, signature: bytes) -> str:
    """Put a text, which ends with a line feed, and its signature together."""
    stated = base64.b64encode(bytes.fromhex(key.key_id) + signature).decode()
    return f"{text}\n— {key.name} {stated}\n"


def parse_note(note: str) -> SignedNote:
    """Take a note apart.

    Raises:
        NoteFormatError: it is none.
    """
    text, blank, lines = note.rpartition("\n\n")
    if len(note) > _LONGEST or not blank or not lines.endswith("\n"):
        raise NoteFormatError("a note is a text, a blank line and lines of signatures")
    return SignedNote(f"{text}\n", tuple(map(_signature_of, lines[:-1].split("\n"))))


def _signature_of(line: str) -> Signature:
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise NoteFormatError("a line of a signature is a dash, a name and base64")
    data = _decode(found[2])
    if len(data) != _KEY_ID_BYTES + _SIGNATURE_BYTES:
        raise NoteFormatError("the signature has another length than an Ed25519 one")
    return Signature(found[1], data[:_KEY_ID_BYTES].hex(), data[_KEY_ID_BYTES:])


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteFormatError("a part is not base64") from error
