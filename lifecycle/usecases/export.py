"""A whole world as one JSON Lines file that proves itself (docs/export-format.md).

The lines: a header; for each event, first the content it names that no line before it held, then
the event with its hash; an end with the count and the state digest.
"""

import base64
from collections.abc import Generator, Iterator
from typing import Any, Final

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.evolve import InvariantError, evolve, initial
from lifecycle.core.named_content import content_named_by
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import Head
from lifecycle.usecases.verify import remembering

FORMAT: Final = "worldsim-export"
FORMAT_VERSION: Final = 1


def header_of(world_id: str, head_seq: int, head_hash: str) -> dict[str, Any]:
    """Give the first line of an export."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "world_id": world_id,
        "head_seq": head_seq,
        "head_hash": head_hash,
    }


def export_world(slug: str) -> Generator[bytes, None, None]:
    """Give the lines of a world's export, as of one moment, in constant memory.

    Who does not read to the end closes it, and so the snapshot that it reads from.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: an event or its content is not what was appended; before the first
            line, where a check has found it.
    """
    with reading.read_snapshot():
        head = journal.get_head(slug)
        if head.fault_seq is not None:
            raise JournalBrokenError(head.fault_seq, head.fault_code or "", "a check found it")
        yield _line(header_of(head.origin_id, head.seq, head.hash))
        yield from _export_events(head)


def _export_events(head: Head) -> Iterator[bytes]:
    exported: set[str] = set()
    state, measure = initial(), remembering(content.size_of)
    checked = reading.stream_checked(head.world_pk, to=head.seq)
    stored = reading.stream_events(head.world_pk, to=head.seq)
    for recorded, event in zip(checked, stored, strict=True):
        for digest in content_named_by(recorded.event):
            if digest not in exported:
                exported.add(digest)
                yield _content_line(recorded.seq, digest)
        try:
            state = evolve(state, recorded, measure)
        except InvariantError as error:
            raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
        # The event's own bytes go out as they are stored: the hash covers exactly these.
        yield b'{"event":' + event.body + b',"hash":"' + event.hash.encode() + b'"}\n'
    yield _line({"end": {"events": head.seq, "state_digest": state_digest(state)}})


def _content_line(seq: int, digest: str) -> bytes:
    try:
        data = content.get(digest)
    except content.ContentError as error:
        raise JournalBrokenError(seq, "content_missing", str(error)) from error
    encoded = base64.b64encode(data).decode()
    return _line({"content": {"digest": digest, "bytes_len": len(data), "base64": encoded}})


def _line(value: dict[str, Any]) -> bytes:
    return canonical_bytes(value) + b"\n"
