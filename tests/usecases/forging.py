"""Exports taken apart, changed and put together again with a chain that fits; and their refusal."""

import base64
import io
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import pytest

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.codec.events import GENESIS_HASH, hash_event
from lifecycle.core.values import JsonValue
from lifecycle.usecases.importing import ImportRefusedError, import_world
from tests.usecases.histories import every_table, exported

Entry = dict[str, Any]


class Export(NamedTuple):
    """The lines of an export: the header, the content and events in between, the end."""

    header: Entry
    entries: list[Entry]
    end: Entry

    def event(self, kind: str) -> Entry:
        """Give the body of the first event of a kind."""
        return next(body for body in self.bodies() if body["kind"] == kind)

    def bodies(self) -> list[Entry]:
        """Give the bodies of all events."""
        return [entry["event"] for entry in self.entries if "event" in entry]

    def contents(self) -> list[Entry]:
        """Give all content."""
        return [entry["content"] for entry in self.entries if "content" in entry]

    def place_of(self, body: Entry) -> int:
        """Give the index of an event's entry."""
        return next(i for i, entry in enumerate(self.entries) if entry.get("event") is body)


def take_apart(slug: str = "demo") -> Export:
    """Read a world's export."""
    header, *entries, end = [orjson.loads(line) for line in exported(slug).splitlines()]
    return Export(header, entries, end)


def chained(export: Export) -> None:
    """Give all events the places and hashes that a forger would give them."""
    prev_hash, seq = GENESIS_HASH, 0
    for entry in export.entries:
        if "event" in entry:
            seq += 1
            entry["event"] |= {"seq": seq, "prev_hash": prev_hash}
            prev_hash = entry["hash"] = hash_event(canonical_bytes(entry["event"]))
    export.header.update(head_seq=seq, head_hash=prev_hash)
    export.end["end"]["events"] = seq


def content_of(data: bytes) -> Entry:
    """Make the entry of some content."""
    encoded = base64.b64encode(data).decode()
    return {
        "content": {"digest": digest_of(data), "bytes_len": len(data), "base64": encoded},
    }


def put_together(export: Export) -> bytes:
    """Write an export."""
    lines = [export.header, *export.entries, export.end]
    return b"".join(canonical_bytes(line) + b"\n" for line in lines)


Forgery = Callable[[Export], object]


def forged(change: Forgery, *, chain: bool = True) -> io.BytesIO:
    """Change a world's export and write it again, by default with a chain that fits."""
    export = take_apart()
    change(export)
    if chain:
        chained(export)
    return io.BytesIO(put_together(export))


def refusal_of(source: io.BytesIO, slug: str = "copy") -> ImportRefusedError:
    """Import, and give the refusal, having checked that no row of any table is left of it."""
    before = every_table()
    with pytest.raises(ImportRefusedError) as caught:
        import_world(source, as_slug=slug)
    assert every_table() == before
    return caught.value


def payload(kind: str, /, **changes: JsonValue) -> Forgery:
    """Change the payload of the first event of a kind."""
    return lambda export: export.event(kind)["payload"].update(changes)


def envelope(kind: str, /, **changes: JsonValue) -> Forgery:
    """Change what surrounds the payload of the first event of a kind."""
    return lambda export: export.event(kind).update(changes)


def actor(kind: str, /, **changes: JsonValue) -> Forgery:
    """Change who caused the first event of a kind."""
    return lambda export: export.event(kind)["actor"].update(changes)


def lines_of() -> list[bytes]:
    """Give the export's lines."""
    return exported().splitlines(keepends=True)


def without(number: int) -> bytes:
    """Give the export without one of its lines."""
    lines = lines_of()
    del lines[number]
    return b"".join(lines)


def events_in(lines: list[bytes]) -> list[int]:
    """Give the indexes of the lines that hold events."""
    return [number for number, line in enumerate(lines) if line.startswith(b'{"event":')]
