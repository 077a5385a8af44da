"""Keyed digests of what is shown once and never kept: tokens of agents, codes of invitations."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac


def keyed_digest(salt: str, secret: str) -> str:
    """Give the digest that a new secret is stored under."""
    return _digest(salt, secret, settings.SECRET_KEY)


def possible_digests(salt: str, secret: str) -> Iterator[str]:
    """Give the digests that a secret may be stored under: earlier secret keys still count."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield _digest(salt, secret, key)


def _digest(salt: str, secret: str, key: str) -> str:
    return salted_hmac(salt, secret, secret=key, algorithm="sha256").hexdigest()
