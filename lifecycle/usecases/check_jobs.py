"""Checks that somebody asked for: queue one, run it by a lease, keep its result for ever.

What a check looks at stands in `verify` and `artifact_check`. As with compiles, the queue may
deliver a job twice, late or never; the job's row decides.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.models.audits import CheckJob, CheckResult, CheckState
from lifecycle.models.projections import Artifact
from lifecycle.models.worlds import World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.artifact_check import verify_artifact
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import BusyError, InvalidParameterError, NotFoundError
from lifecycle.usecases.queue import enqueue_check, worker_is_stopping
from lifecycle.usecases.verify import Fault, Report, verify_world

_UPKEEP: Final = "upkeep"
_UNFINISHED: Final = (CheckState.QUEUED, CheckState.RUNNING)
_MOST_UNFINISHED: Final = 8
_HANDED_OUT_AT_ONCE: Final = 16
_REQUEUE_AFTER: Final = timedelta(seconds=30)
# A check of a world without a head: there is no hash to tell.
_NO_HASH: Final = "0" * 64


class CheckRequest(NamedTuple):
    """What is to be checked, and who asks. An artifact, or a range of the journal."""

    account: str | None
    channel: str
    from_seq: int = 1
    to_seq: int | None = None
    wasm_hash: str | None = None


class _StoppingError(Exception):
    """The worker is to stop, or has lost the job."""


def ask_check(world: SeenWorld, request: CheckRequest) -> CheckJob:
    """Queue a check. Of two that are alike and unfinished there is one.

    Raises:
        InvalidParameterError: the range lies outside of the journal, or the hash is none.
        NotFoundError: the world has no such artifact.
        BusyError: too many checks of this world wait already.
    """
    wasm_hash = _require_sound(world, request)
    with transaction.atomic():
        World.objects.select_for_update().get(pk=world.pk)
        unfinished = CheckJob.objects.filter(world_id=world.pk, state__in=_UNFINISHED)
        alike = unfinished.filter(
            account=request.account,
            from_seq=request.from_seq,
            to_seq=request.to_seq,
            wasm_hash=wasm_hash,
        ).first()
        if alike is not None:
            return alike
        if unfinished.count() >= _MOST_UNFINISHED:
            raise BusyError
        now = utc_now()
        job = CheckJob.objects.create(
            world_id=world.pk,
            check_id=new_id(),
            account=request.account,
            channel=request.channel,
            asked_at=now,
            from_seq=request.from_seq,
            to_seq=request.to_seq,
            wasm_hash=wasm_hash,
            enqueued_at=now,
        )
        enqueue_check(job.pk)
        return job


@contextmanager
def checked_after_fault(slug: str) -> Iterator[None]:
    """Have a world checked whole where somebody meets a fault that no check has found.

    A check closes the world, and not whoever met the fault: it says what it looked at, and when.
    """
    try:
        yield
    except JournalBrokenError:
        world = World.objects.filter(slug=slug, fault_code=None).first()
        if world is not None:
            with suppress(BusyError):
                ask_check(SeenWorld(world.pk, world.slug), CheckRequest(None, _UPKEEP))
        raise


def _require_sound(world: SeenWorld, request: CheckRequest) -> str | None:
    if request.wasm_hash is not None:
        try:
            wasm_hash = normalise_hash(request.wasm_hash)
        except HashFormatError as error:
            facts = {"received": shown(request.wasm_hash), "accepted": "a SHA-256 in hexadecimal"}
            raise InvalidParameterError("wasm_hash", facts) from error
        if not Artifact.objects.filter(world_id=world.pk, wasm_hash=wasm_hash).exists():
            raise NotFoundError("wasm_hash")
        return wasm_hash
    try:
        head = journal.get_head(world.slug).seq
    except JournalBrokenError:
        # The check itself will say what is wrong.
        return None
    last = head if request.to_seq is None else request.to_seq
    accepted = f"a range of events within 1 to {head}"
    if not 1 <= request.from_seq <= max(last, 1):
        raise InvalidParameterError("from", {"accepted": accepted})
    if not min(head, 1) <= last <= head:
        raise InvalidParameterError("to", {"accepted": accepted})
    return None


def run_check(job_pk: int) -> str:
    """Run a check and give how its job ended: its state, or ``not_claimed``."""
    job = _claim(job_pk)
    if job is None:
        return "not_claimed"
    if job.attempts > settings.ENVIRONMENT.compile_attempts:
        return _end(job, CheckState.FAILED, "check_worker_lost")
    try:
        with _kept(job) as beat:
            report = _report(job, beat)
    except _StoppingError:
        return _give_back(job)
    return _record(job, report)


def _claim(job_pk: int) -> CheckJob | None:
    now, token = utc_now(), new_id()
    waits = Q(state=CheckState.QUEUED) | Q(state=CheckState.RUNNING, lease_expires_at__lt=now)
    taken = CheckJob.objects.filter(waits, pk=job_pk).update(
        state=CheckState.RUNNING,
        lease_token=token,
        lease_expires_at=now + _lease_time(),
        attempts=F("attempts") + 1,
    )
    return CheckJob.objects.select_related("world").get(pk=job_pk) if taken else None


def _report(job: CheckJob, beat: "_Beat") -> Report:
    slug = job.world.slug
    if job.wasm_hash is not None:
        return verify_artifact(slug, job.wasm_hash)
    started = utc_now()
    try:
        return verify_world(slug, from_seq=job.from_seq, to_seq=job.to_seq, progress=beat.reach)
    except JournalBrokenError as error:
        # The world's head was taken away, so that there was nowhere to start from.
        fault = Fault(error.seq, error.code, error.reason)
        taken = round((utc_now() - started).total_seconds() * 1000)
        nothing = ((), 0, fault, None, None, (), started, taken)
        return Report(slug, job.from_seq, error.seq, error.seq, _NO_HASH, *nothing)


class _Beat:
    """Holds a lease while a check runs, from a thread of its own.

    The check reads from a snapshot on its own connection, which nothing can be written by.
    """

    def __init__(self, job: CheckJob) -> None:
        self._held = CheckJob.objects.filter(pk=job.pk, lease_token=job.lease_token)
        self._reached = 0
        self._lost = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="check-lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def reach(self, seq: int) -> None:
        """Note how far the check is.

        Raises:
            _StoppingError: there is no sense in going on.
        """
        self._reached = seq
        if self._lost or worker_is_stopping():
            raise _StoppingError

    def _run(self) -> None:
        try:
            while not self._over.wait(_BEAT_SECONDS):
                kept = self._held.filter(state=CheckState.RUNNING).update(
                    lease_expires_at=utc_now() + _lease_time(), reached_seq=self._reached
                )
                self._lost = not kept
        finally:
            connection.close()


_BEAT_SECONDS: Final = 1.0


@contextmanager
def _kept(job: CheckJob) -> Iterator[_Beat]:
    beat = _Beat(job)
    beat.start()
    try:
        yield beat
    finally:
        beat.end()


def _record(job: CheckJob, report: Report) -> str:
    fault = report.fault
    with transaction.atomic():
        if _end(job, CheckState.DONE) == "discarded":
            return "discarded"
        CheckResult.objects.create(
            world_id=job.world_id,
            check_id=job.check_id,
            account=job.account,
            channel=job.channel,
            asked_at=job.asked_at,
            checked_at=report.checked_at,
            duration_ms=report.duration_ms,
            wasm_hash=job.wasm_hash,
            from_seq=report.from_seq,
            to_seq=report.to_seq,
            events_checked=report.events_checked,
            checks=", ".join(report.checks),
            ok=report.ok,
            head_seq=report.head_seq,
            head_hash=report.head_hash,
            state_digest=report.state_digest,
            fault_seq=None if fault is None else fault.seq,
            fault_code=None if fault is None else fault.code,
            fault_reason=None if fault is None else fault.reason,
            differing_tables=", ".join(report.projections_differ),
        )
    return CheckState.DONE.value


def _end(job: CheckJob, state: CheckState, failure_code: str = "") -> str:
    """End a job, if its lease still holds; a late worker changes nothing."""
    held = CheckJob.objects.filter(pk=job.pk, lease_token=job.lease_token, state=CheckState.RUNNING)
    ended = held.update(
        state=state, failure_code=failure_code, lease_token=None, lease_expires_at=None
    )
    return state.value if ended else "discarded"


def _give_back(job: CheckJob) -> str:
    """Queue a check again that this worker stopped over; the stop is not the check's fault."""
    held = CheckJob.objects.filter(pk=job.pk, lease_token=job.lease_token)
    given_back = held.update(
        state=CheckState.QUEUED,
        lease_token=None,
        lease_expires_at=None,
        attempts=F("attempts") - 1,
    )
    if not given_back:
        return "discarded"
    enqueue_check(job.pk)
    return "given_back"


def reap_checks() -> int:
    """Hand out the checks that a lost worker held, and those that a lost queue forgot."""
    now = utc_now()
    lost = Q(
        state=CheckState.RUNNING, lease_expires_at__lt=now, enqueued_at__lt=now - _lease_time()
    )
    forgotten = Q(state=CheckState.QUEUED, enqueued_at__lt=now - _REQUEUE_AFTER)
    due = CheckJob.objects.filter(lost | forgotten).order_by("id").values_list("pk", flat=True)
    chosen = list(due[:_HANDED_OUT_AT_ONCE])
    CheckJob.objects.filter(pk__in=chosen).update(enqueued_at=now)
    for job_pk in chosen:
        enqueue_check(job_pk)
    return len(chosen)


def _lease_time() -> timedelta:
    return timedelta(seconds=settings.ENVIRONMENT.lease_seconds)
