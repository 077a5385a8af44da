"""Digests of compilers: SHA-256 over all that fixes their output. Reads files, starts nothing."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path


def digest_of(words: Iterable[str], files: Iterable[Path]) -> str:
    """Digest words, such as flags and versions, and the content of files, in this order.

    Raises:
        OSError: A file cannot be read.
    """
    whole = hashlib.sha256()
    for word in words:
        whole.update(f"{len(word)}:{word}".encode())
    for path in files:
        facts = path.stat()
        content = _file_digest(path, facts.st_mtime_ns, facts.st_size)
        whole.update(f"{path.name}:{content}".encode())
    return whole.hexdigest()


@lru_cache(maxsize=1024)
def _file_digest(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    """Digest one file; a compiler of 200 MB is read once per process and change."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
