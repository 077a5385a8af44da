"""Take an export in: every line checked, all of it or nothing."""

import base64
import binascii
from collections.abc import Iterator
from typing import IO, Any, Final, NamedTuple

from django.db import DataError, IntegrityError, transaction

from lifecycle.codec.canonical import CanonicalFormError, canonical_bytes, parse_canonical
from lifecycle.codec.events import GENESIS_HASH, EventFormatError, check_entering, hash_event
from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.events import ActionRejected, Actor, Event, Recorded, WorldCreated
from lifecycle.core.evolve import InvariantError, evolve, initial
from lifecycle.core.named_content import content_named_by
from lifecycle.core.values import JsonObject, JsonValue
from lifecycle.journal import store as journal
from lifecycle.journal.store import EventRow, row_of
from lifecycle.projections import decisions
from lifecycle.projections.project import project
from lifecycle.usecases.export import FORMAT, FORMAT_VERSION, header_of
from lifecycle.usecases.worlds import add_empty_world, require_slug

_LONGEST_LINE: Final = 64 * 1024 * 1024
_BATCH: Final = 500
_EVENT_START: Final = b'{"event":'
_EVENT_END: Final = b',"hash":"%s"}'
# The widths of the columns that take these; not every database refuses longer texts itself.
_LONGEST: Final = {
    "account": 150,
    "channel": 16,
    "decision_id": 36,
    "manifest_path": 512,
    "module_version": 200,
    "name": 200,
    "toolchain": 16,
    "world_id": 36,
}
_LONGEST_ID: Final = 128
_LONGEST_CODE: Final = 64


class ImportRefusedError(Exception):
    """An export that is not taken in; nothing of it was stored.

    `seq` is the first event that is wrong, where it is an event; `line` the line, from 1.
    """

    def __init__(self, line: int, seq: int | None, code: str, reason: str) -> None:
        """Keep the place, the code and the sentence."""
        place = f"line {line}" if seq is None else f"line {line}, event {seq}"
        super().__init__(f"{place}: {reason} ({code})")
        self.line, self.seq, self.code, self.reason = line, seq, code, reason


class Imported(NamedTuple):
    """A world that was taken in."""

    world: str
    events: int
    head_hash: str
    state_digest: str


class _Refusal(Exception):  # noqa: N818 - internal; becomes an ImportRefusedError with its place
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def import_world(source: IO[bytes], *, as_slug: str | None = None) -> Imported:
    """Take a world in from an export.

    Args:
        source: The export's bytes, read once, a line at a time.
        as_slug: The slug here; the world's own name when absent.

    Raises:
        ImportRefusedError: the export is not what a service once wrote; nothing is stored.
        WorldExistsError: there is a world with this slug.
        MalformedIdError: the slug is no id.
    """
    intake = _Intake(source, as_slug)
    try:
        with transaction.atomic():
            return intake.run()
    except _Refusal as refusal:
        raise ImportRefusedError(
            intake.line_number, intake.seq_at_fault, refusal.code, refusal.reason
        ) from refusal
    except IntegrityError as error:
        # A second event of one decision, for example.
        raise ImportRefusedError(
            intake.line_number, intake.seq_at_fault, "duplicate", "what must be unique comes twice"
        ) from error
    except DataError as error:
        raise ImportRefusedError(
            intake.line_number, intake.seq_at_fault, "unstorable", "a value does not fit its column"
        ) from error


def _require_storable(recorded: Recorded) -> None:
    """Refuse texts that no service writes and that not every database holds."""
    holders: tuple[Event | Recorded | Actor, ...] = (recorded.event, recorded.actor, recorded)
    for holder in holders:
        for name in holder.__struct_fields__:
            text = getattr(holder, name)
            longest = _LONGEST.get(name, _LONGEST_ID)
            if isinstance(text, str) and (len(text) > longest or "\0" in text):
                raise _Refusal("unstorable", f"{name} is longer than {longest}, or holds U+0000")
    event = recorded.event
    if isinstance(event, ActionRejected) and (
        len(event.rejection.code) > _LONGEST_CODE or not _is_storable_action(event.action)
    ):
        raise _Refusal("unstorable", "the refusal is not one that a service writes")


def _is_storable_action(action: JsonObject) -> bool:
    decision = action.get("decision")
    return isinstance(decision, str) and len(decision) <= _LONGEST_CODE and "\0" not in decision


def _same(left: JsonValue, right: JsonValue) -> bool:
    """Compare as JSON: in Python, `True` equals 1."""
    return canonical_bytes(left) == canonical_bytes(right)


class _Intake:
    """One import under way."""

    def __init__(self, source: IO[bytes], as_slug: str | None) -> None:
        self._source, self._as_slug = source, as_slug
        self._state = initial()
        self._prev_hash = GENESIS_HASH
        self._sizes: dict[str, int] = {}
        self._unnamed: set[str] = set()
        self._rows: list[EventRow] = []
        self._world_pk = 0
        self._slug = ""
        self.seq = 0
        self.line_number = 0
        self.seq_at_fault: int | None = None

    def run(self) -> Imported:
        lines = self._lines()
        header = self._parse(next(lines, b""))
        if header.get("format") != FORMAT or header.get("version") != FORMAT_VERSION:
            raise _Refusal("not_an_export", f"this is not a {FORMAT} of version {FORMAT_VERSION}")
        for line in lines:
            if line.startswith(_EVENT_START):
                self._take_event(line)
                continue
            entry = self._parse(line)
            if entry.keys() == {"content"}:
                self._take_content(entry["content"])
            elif entry.keys() == {"end"}:
                return self._finish(header, entry["end"], next(lines, None))
            else:
                raise _Refusal("unknown_line", "the line is neither content, event nor end")
        raise _Refusal("truncated", "the export ends before its last line")

    def _lines(self) -> Iterator[bytes]:
        while line := self._source.readline(_LONGEST_LINE):
            self.line_number += 1
            self.seq_at_fault = None
            if not line.endswith(b"\n"):
                raise _Refusal("truncated", "the line does not end, or is too long")
            yield line[:-1]

    @staticmethod
    def _parse(line: bytes) -> dict[str, Any]:
        try:
            value = parse_canonical(line)
        except CanonicalFormError as error:
            raise _Refusal("unreadable", str(error)) from error
        if not isinstance(value, dict):
            raise _Refusal("unreadable", "the line is not a JSON object")
        return value

    def _take_content(self, entry: object) -> None:
        match entry:
            case {"digest": str(digest), "bytes_len": int(size), "base64": str(text), **rest}:
                if rest or digest in self._sizes:
                    raise _Refusal("unreadable", "the content has unknown members or comes twice")
            case _:
                raise _Refusal("unreadable", "the content lacks a member")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _Refusal("unreadable", "the content is not base64") from error
        if base64.b64encode(data).decode() != text:
            raise _Refusal("unreadable", "the content is not in canonical base64")
        prepared = content.prepare(data)
        if prepared.digest != digest or not _same(prepared.size_bytes, size):
            raise _Refusal("hash_mismatch", f"the content does not have the digest {digest[:64]!r}")
        content.store(prepared)
        self._sizes[digest] = size
        self._unnamed.add(digest)

    def _take_event(self, line: bytes) -> None:
        body, digest = self._split(line)
        self.seq_at_fault = self.seq + 1
        recorded = self._check(body, digest)
        if self._world_pk == 0:
            self._open_world(recorded)
        _require_storable(recorded)
        self._rows.append(row_of(self._world_pk, recorded, self._prev_hash, digest, body))
        self._prev_hash, self.seq = digest, recorded.seq
        if self._unnamed.difference(content_named_by(recorded.event)):
            raise _Refusal("unknown_line", "content before this event is not what the event names")
        self._unnamed.clear()
        project(self._world_pk, recorded)
        decisions.restore(self._world_pk, recorded)
        if len(self._rows) >= _BATCH:
            self._flush()

    @staticmethod
    def _split(line: bytes) -> tuple[bytes, str]:
        digest = line[-66:-2]
        ending = _EVENT_END % digest
        if not line.endswith(ending) or not digest.isalnum():
            raise _Refusal("unreadable", "the event's line does not end with its hash")
        return line[len(_EVENT_START) : -len(ending)], digest.decode()

    def _check(self, body: bytes, digest: str) -> Recorded:
        try:
            stored = check_entering(body)
        except EventFormatError as error:
            raise _Refusal("unreadable", str(error)) from error
        if hash_event(body) != digest:
            raise _Refusal("hash_mismatch", "the event's bytes do not have its hash")
        if stored.recorded.seq != self.seq + 1:
            raise _Refusal("missing", f"event {self.seq + 1} is missing here")
        if stored.prev_hash != self._prev_hash:
            raise _Refusal("prev_hash_mismatch", "the event does not follow the one before it")
        try:
            self._state = evolve(self._state, stored.recorded, self._sizes.get)
        except InvariantError as error:
            raise _Refusal(error.code, error.reason) from error
        self._require_content(stored.recorded)
        return stored.recorded

    def _require_content(self, recorded: Recorded) -> None:
        for digest in content_named_by(recorded.event):
            if digest not in self._sizes:
                raise _Refusal("content_missing", "content that the event names is not in the file")

    def _open_world(self, recorded: Recorded) -> None:
        founding = recorded.event
        if not isinstance(founding, WorldCreated):
            raise _Refusal("world_not_created", "the first event is not WorldCreated")
        self._slug = founding.name if self._as_slug is None else self._as_slug
        require_slug(self._slug)
        head = add_empty_world(self._slug, founding.world_id, founding.name, imported=True)
        self._world_pk = head.world_pk

    def _flush(self) -> None:
        if self._rows:
            journal.write_rows(self._world_pk, self._rows)
            self._rows.clear()

    def _finish(self, header: dict[str, Any], end: JsonValue, after: bytes | None) -> Imported:
        digest = state_digest(self._state)
        if after is not None:
            raise _Refusal("unknown_line", "the export goes on after its end")
        if self._unnamed:
            raise _Refusal("unknown_line", "the export holds content that no event names")
        if self.seq == 0 or not _same(end, {"events": self.seq, "state_digest": digest}):
            raise _Refusal("end_mismatch", "the events do not give the state that the end names")
        if not _same(header, header_of(self._state.world_id, self.seq, self._prev_hash)):
            raise _Refusal("end_mismatch", "the events are not those that the header names")
        self._flush()
        return Imported(self._slug, self.seq, self._prev_hash, digest)
