"""Prove a journal: the chain, the invariants, the projections. And derive the projections again."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.codec.events import GENESIS_HASH
from lifecycle.codec.state import document_of, state_digest
from lifecycle.content import store as content
from lifecycle.core.events import AgentMoved, AgentWaited, Recorded
from lifecycle.core.evolve import InvariantError, MeasureContent, evolve, initial
from lifecycle.core.named_content import content_named_by
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import Head
from lifecycle.projections.compiles import reopen
from lifecycle.projections.decision_proof import DecisionProof
from lifecycle.projections.places import Places, load_places
from lifecycle.projections.project import project
from lifecycle.projections.slices import founding_state
from lifecycle.projections.whole import clear, load_state
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.soundness import TABLES_DIFFER, note_fault, note_whole

_PROGRESS_STEP: Final = 1000

Progress = Callable[[int], None]


class Fault(NamedTuple):
    """The first place where a journal is not what was appended, and why."""

    seq: int
    code: str
    reason: str


class Report(NamedTuple):
    """What was checked, over which range, and what came out.

    `state_digest` and `projections_match` are absent where the range does not start at 1, or does
    not reach the head.
    """

    world: str
    from_seq: int
    to_seq: int
    head_seq: int
    head_hash: str
    checks: tuple[str, ...]
    events_checked: int
    fault: Fault | None
    state_digest: str | None
    projections_match: bool | None
    projections_differ: tuple[str, ...]
    checked_at: datetime
    duration_ms: int

    @property
    def ok(self) -> bool:
        """Say whether everything that was checked holds."""
        return self.fault is None and self.projections_match is not False


def verify_world(
    slug: str, *, from_seq: int = 1, to_seq: int | None = None, progress: Progress | None = None
) -> Report:
    """Check a world's journal as of one moment, while others go on writing; keep what was found.

    Args:
        slug: The world.
        from_seq: First event to check. Past 1, the chain alone is checked from there on.
        to_seq: Last event to check; the head when absent.
        progress: Called with the place reached, now and then.

    Raises:
        WorldNotFoundError: no such world.
        InvalidParameterError: the range is empty or lies past the head.
    """
    started, checked_at = time.monotonic(), utc_now()
    with reading.read_snapshot():
        head = journal.get_head(slug)
        last = head.seq if to_seq is None else to_seq
        if not 1 <= from_seq <= max(last, 1) or not min(head.seq, 1) <= last <= head.seq:
            raise InvalidParameterError("from" if from_seq > last else "to", {"head": head.seq})
        check = _Check(head, from_seq, last, progress)
        fault = check.run()
        whole = from_seq == 1 and fault is None
        matching = whole and last == head.seq
        differ = differing_parts(head, check) if matching else ()
    report = Report(
        world=slug,
        from_seq=from_seq,
        to_seq=last,
        head_seq=head.seq,
        head_hash=head.hash,
        checks=_checks_of(from_seq, last, head),
        events_checked=check.count,
        fault=fault,
        state_digest=state_digest(check.state) if whole else None,
        projections_match=not differ if matching else None,
        projections_differ=differ,
        checked_at=checked_at,
        duration_ms=round((time.monotonic() - started) * 1000),
    )
    keep_finding(report)
    return report


def keep_finding(report: Report) -> None:
    """Have the world know what a check found: it takes nothing new while a fault is known."""
    if report.fault is not None:
        note_fault(report.world, report.fault.seq, report.fault.code)
    elif report.projections_match is False:
        note_fault(report.world, None, TABLES_DIFFER)
    elif "invariants" in report.checks and report.projections_match:
        note_whole(report.world, report.checked_at)


def _checks_of(from_seq: int, last: int, head: Head) -> tuple[str, ...]:
    if from_seq > 1:
        return ("chain",)
    return ("chain", "invariants", "projections") if last == head.seq else ("chain", "invariants")


class _Check:
    """One pass over a range of a journal."""

    def __init__(self, head: Head, first: int, last: int, progress: Progress | None) -> None:
        self._head, self._first, self._last = head, first, last
        self._progress = progress
        self.state = initial()
        self.places = Places()
        self.decisions = DecisionProof(head.world_pk)
        self.count = 0

    def run(self) -> Fault | None:
        """Check, and give the first fault."""
        try:
            if self._first == 1:
                self._fold()
            else:
                self._follow()
            self._require_end()
        except JournalBrokenError as error:
            return Fault(error.seq, error.code, error.reason)
        return None

    def _fold(self) -> None:
        measure = remembering(content.measure)
        for recorded in self._stream(GENESIS_HASH):
            try:
                self.state = evolve(self.state, recorded, measure)
            except InvariantError as error:
                raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
            # Records tell how compiles ended, which only the whole journal does.
            if self._last == self._head.seq:
                self.decisions.follow(recorded)
            if not isinstance(recorded.event, AgentWaited | AgentMoved):
                self._look_around(recorded, measure)

    def _look_around(self, recorded: Recorded, measure: MeasureContent) -> None:
        """Follow what the state does not hold: places of rows, and all content that is named."""
        self.places.follow(recorded)
        # The invariants ask for wasm and sources; diagnostics are named by events too.
        if any(measure(digest) is None for digest in content_named_by(recorded.event)):
            raise JournalBrokenError(
                recorded.seq, "content_missing", "content that it names is missing or altered"
            )

    def _follow(self) -> None:
        before = reading.find_event(self._head.world_pk, self._first - 1)
        if before is None:
            raise JournalBrokenError(self._first - 1, "missing", "the event is missing")
        for _ in self._stream(before.hash):
            pass

    def _stream(self, after_hash: str) -> Iterator[Recorded]:
        stream = reading.stream_checked(
            self._head.world_pk, after=self._first - 1, after_hash=after_hash, to=self._last
        )
        for recorded in stream:
            self.count += 1
            if self._progress is not None and self.count % _PROGRESS_STEP == 0:
                self._progress(recorded.seq)
            yield recorded

    def _require_end(self) -> None:
        reached = self._first - 1 + self.count
        if reached < self._last:
            raise JournalBrokenError(reached + 1, "missing", "the event is missing")
        if self._last < self._head.seq:
            return
        end = reading.find_event(self._head.world_pk, self._last)
        if self._head.hash != (GENESIS_HASH if end is None else end.hash):
            raise JournalBrokenError(self._last, "head_mismatch", "the head has another hash")
        if reading.read_events(self._head.world_pk, after=self._last, limit=1):
            raise JournalBrokenError(self._last + 1, "past_head", "the event lies past the head")


def remembering(measure: MeasureContent) -> MeasureContent:
    """Measure each content once: many events may name the same bytes."""
    known: dict[str, int | None] = {}

    def measure_once(digest: str) -> int | None:
        if digest not in known:
            known[digest] = measure(digest)
        return known[digest]

    return measure_once


def differing_parts(head: Head, check: _Check) -> tuple[str, ...]:
    """Name the parts of the live projections that are not what the journal gives."""
    founding = founding_state(head.origin_id, head.name, head.tick, head.seq)
    live = document_of(load_state(head.world_pk, founding))
    live["places"] = load_places(head.world_pk).document()
    true = {**document_of(check.state), "places": check.places.document()}
    differ = [part for part in true if canonical_bytes(true[part]) != canonical_bytes(live[part])]
    return (*differ, "decisions") if check.decisions.differs() else tuple(differ)


def rebuild_world(slug: str, *, progress: Progress | None = None) -> Report:
    """Drop a world's projections and derive them from its journal, or change nothing.

    Records of decisions are never dropped: those that differ are made to say what the events say.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: the journal is broken; the projections stay as they were.
    """
    try:
        _derive(slug, progress)
    except JournalBrokenError as error:
        note_fault(slug, error.seq, error.code)
        raise
    return verify_world(slug)


@transaction.atomic
def _derive(slug: str, progress: Progress | None) -> None:
    head = journal.lock_head(slug)
    clear(head.world_pk)
    state, measure = initial(), remembering(content.measure)
    decisions = DecisionProof(head.world_pk, mend=True)
    for count, recorded in enumerate(reading.stream_checked(head.world_pk, to=head.seq)):
        try:
            state = evolve(state, recorded, measure)
        except InvariantError as error:
            raise JournalBrokenError(recorded.seq, error.code, error.reason) from error
        project(head.world_pk, recorded)
        decisions.follow(recorded)
        if progress is not None and count % _PROGRESS_STEP == 0:
            progress(recorded.seq)
    reopen(head.world_pk, state.pending_compiles)
    decisions.differs()
