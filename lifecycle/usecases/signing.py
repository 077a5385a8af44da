"""The key that signs checkpoints: made once, kept in a file of its owner's. And verifying by keys.

What is signed, and what a signature proves, stands in `checkpoints`.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from lifecycle.codec.notes import PublicKey, SignedNote, note_of
from lifecycle.usecases.errors import UseCaseError

_NAME: Final = "worldsim"
_FILE: Final = "checkpoint-key.pem"


class SigningKeyError(UseCaseError):
    """The file of the signing key cannot be used."""

    code = "signing_key_unusable"


def sign(text: str) -> tuple[str, PublicKey]:
    """Sign a text and give it as a note, and the key that verifies it.

    Raises:
        SigningKeyError: the key's file is not one of an Ed25519 key, or cannot be read.
    """
    private = _private_key()
    key = _public(private)
    return note_of(text, key, private.sign(text.encode())), key


def signing_key() -> PublicKey:
    """Give the public key of what is signed from now on.

    Raises:
        SigningKeyError: as above.
    """
    return _public(_private_key())


def find_signer(note: SignedNote, keys: Iterable[PublicKey]) -> PublicKey | None:
    """Give the key that signed a note, of those that are trusted.

    A signature by a key that is not among them proves nothing and is passed over.
    """
    known = {(key.name, key.key_id): key for key in keys}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None and _is_sound(key, signature.signature, note.text):
            return key
    return None


def _is_sound(key: PublicKey, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _public(private: Ed25519PrivateKey) -> PublicKey:
    return PublicKey(_NAME, private.public_key().public_bytes_raw())


def _private_key() -> Ed25519PrivateKey:
    chosen: Path | None = settings.ENVIRONMENT.checkpoint_key_file
    path = settings.ENVIRONMENT.data / _FILE if chosen is None else chosen
    try:
        if chosen is None and not path.exists():
            _make_key(path)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyError from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError
    return key


def _make_key(path: Path) -> None:
    """Make a key; of two processes that do so together, one wins and its key is the key."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file made by mkstemp is its owner's alone from the first moment on.
    descriptor, draft = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
