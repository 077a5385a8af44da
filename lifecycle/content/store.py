"""Content by its SHA-256: compressed, stored once, never changed, checked when it is read."""

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

import zstandard

from lifecycle.codec.canonical import digest_of
from lifecycle.core.ids import Digest
from lifecycle.models.content import Content

_LEVEL: Final = 3  # higher levels save little on wasm and cost ten times the time
_PIECE_BYTES: Final = 1024 * 1024


class ContentError(LookupError):
    """Content is missing, or its bytes no longer have its digest."""


class Prepared(NamedTuple):
    """Content made ready before a lock is taken: compressing is the slow part."""

    digest: Digest
    size_bytes: int
    compressed: bytes


def prepare(content: bytes) -> Prepared:
    """Hash and compress."""
    compressed = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    return Prepared(digest_of(content), len(content), compressed)


def store(prepared: Prepared) -> None:
    """Insert the content where it is not there yet."""
    if not Content.objects.filter(digest=prepared.digest).exists():
        # Another world may store the same bytes at the same moment; either row will do.
        Content.objects.bulk_create(
            [
                Content(
                    digest=prepared.digest,
                    size_bytes=prepared.size_bytes,
                    compressed=prepared.compressed,
                )
            ],
            ignore_conflicts=True,
        )


def get(digest: str) -> bytes:
    """Give the bytes whose SHA-256 is `digest`.

    Raises:
        ContentError: there are none, or the stored ones were altered.
    """
    row = Content.objects.filter(digest=digest).values_list("size_bytes", "compressed").first()
    if row is None:
        raise ContentError(f"no content has the digest {digest}")
    size_bytes, compressed = row
    # SQLite keeps whatever somebody else wrote there, a text in the place of bytes too.
    is_bytes = isinstance(compressed, bytes | memoryview)
    content = _decompress(bytes(compressed), size_bytes) if is_bytes else None
    if content is None or hashlib.sha256(content).hexdigest() != digest:
        raise ContentError(f"the content with the digest {digest} was altered")
    return content


def _decompress(compressed: bytes, size_bytes: object) -> bytes | None:
    # Neither the length that the frame declares nor that of the row is trusted with an
    # allocation: whoever altered the row may have written anything there.
    if not isinstance(size_bytes, int):
        return None
    reader = zstandard.ZstdDecompressor().stream_reader(compressed)
    pieces: list[bytes] = []
    missing = size_bytes + 1
    try:
        while missing > 0 and (piece := reader.read(min(missing, _PIECE_BYTES))):
            pieces.append(piece)
            missing -= len(piece)
    except zstandard.ZstdError:
        return None
    return b"".join(pieces) if missing == 1 else None


def size_of(digest: str) -> int | None:
    """Give the stored length of some content without reading it."""
    return Content.objects.filter(digest=digest).values_list("size_bytes", flat=True).first()


def sizes_of(digests: Iterable[str]) -> dict[str, int]:
    """Give the stored lengths of some content by one query; what is missing is left out."""
    rows = Content.objects.filter(digest__in=list(digests))
    return dict(rows.values_list("digest", "size_bytes"))


def measure(digest: str) -> int | None:
    """Give the length of the bytes whose SHA-256 really is `digest`, reading them all."""
    try:
        return len(get(digest))
    except ContentError:
        return None
