"""Content by its digest: stored once, and never handed out altered."""

import pytest
import zstandard
from django.db import connection

from lifecycle.content import store
from lifecycle.content.store import ContentError
from lifecycle.models.content import Content
from tests.journal.tampering import tamper
from tests.service import hash_of

pytestmark = pytest.mark.django_db

DATA = b"\0asm" * 1000


@pytest.mark.parametrize("data", [b"", b"\0", DATA, bytes(range(256)) * 5000])
def test_what_was_stored_comes_back(data: bytes) -> None:
    store.store(store.prepare(data))

    digest = hash_of(data)
    assert store.get(digest) == data
    assert store.size_of(digest) == store.measure(digest) == len(data)


def test_the_same_bytes_are_stored_once() -> None:
    store.store(store.prepare(DATA))
    store.store(store.prepare(DATA))

    assert Content.objects.count() == 1


def test_content_that_is_not_there_is_missing() -> None:
    assert store.size_of("0" * 64) is None
    assert store.measure("0" * 64) is None
    with pytest.raises(ContentError, match="no content"):
        store.get("0" * 64)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("compressed", b""),
        ("compressed", b"no frame"),
        ("compressed", zstandard.compress(b"other bytes")),
        ("compressed", zstandard.compress(DATA[:-1] + b"!")),
        ("compressed", zstandard.compress(DATA)[:-5]),
        ("size_bytes", len(DATA) - 1),
        ("size_bytes", len(DATA) + 1),
        ("size_bytes", 0),
        ("size_bytes", -1),
        ("size_bytes", 9_000_000_000_000_000),
        # SQLite keeps what it is given, whatever the column's type.
        *([("size_bytes", "long")] if connection.vendor == "sqlite" else []),
    ],
)
def test_e15_altered_content_is_never_handed_out(column: str, value: bytes | int | str) -> None:
    store.store(store.prepare(DATA))
    tamper(f"UPDATE lifecycle_content SET {column} = %s", [value])  # noqa: S608 - a test's own name

    assert store.measure(hash_of(DATA)) is None
    with pytest.raises(ContentError, match="altered"):
        store.get(hash_of(DATA))


def test_s11_a_small_frame_of_much_content_is_read_no_further_than_its_stored_length() -> None:
    store.store(store.prepare(DATA))
    bomb = zstandard.compress(b"\0" * (256 * 1024 * 1024))
    assert len(bomb) < 64 * 1024
    tamper("UPDATE lifecycle_content SET compressed = %s", [bomb])

    with pytest.raises(ContentError, match="altered"):
        store.get(hash_of(DATA))
