"""Run compile jobs: claim by a lease, compile in the sandbox, record the one outcome.

The queue may deliver a job twice, late or never; the job's row decides. Who holds the lease's token
may write the outcome, and the journal takes one outcome a request.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from lifecycle.codec.canonical import digest_of
from lifecycle.codec.events import decode_event
from lifecycle.codec.packages import encode_diagnostics
from lifecycle.content import store as content
from lifecycle.core import actions
from lifecycle.core.events import ActionRejected, Actor, Provenance, RejectionRecord
from lifecycle.core.ids import AgentId, DecisionId, Digest, ModuleId
from lifecycle.core.rejections import Rejection, record_of
from lifecycle.core.source_package import COMMAND
from lifecycle.core.values import JsonObject
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.store import Head
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.worlds import World
from lifecycle.toolchains.catalog import compile_package
from lifecycle.toolchains.results import Compiled, CompileFailed, CompileResult, Diagnostic
from lifecycle.usecases import compilers
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.compilers import CacheKey
from lifecycle.usecases.inspections import store_inspection
from lifecycle.usecases.intent import Measured, measure
from lifecycle.usecases.limits import compile_policy
from lifecycle.usecases.module_faults import diagnostic_document, remarks_on
from lifecycle.usecases.packages import stored_package
from lifecycle.usecases.queue import enqueue_compile, worker_is_stopping
from lifecycle.usecases.recording import Stamp, judge, record

_HANDED_OUT_AT_ONCE: Final = 16
_REQUEUE_AFTER: Final = timedelta(seconds=30)
_log = logging.getLogger(__name__)


class Lease(NamedTuple):
    """The right to finish a job, for as long as it is renewed."""

    job_pk: int
    token: str


def run_job(job_pk: int) -> str:
    """Run a job and give how it ended: its state, or ``not_claimed``."""
    lease = claim(job_pk)
    if lease is None:
        return "not_claimed"
    job = CompileJob.objects.get(pk=job_pk)
    if job.attempts > settings.ENVIRONMENT.compile_attempts:
        failed = CompileFailed("compile_worker_lost", {"attempts": job.attempts - 1}, (), 0)
        return finish(lease, failed)
    result, from_cache = _result_of(job, lease)
    if isinstance(result, CompileFailed) and result.code == "compile_cancelled":
        return _give_back(lease)
    return finish(lease, result, from_cache=from_cache)


def claim(job_pk: int) -> Lease | None:
    """Take a job that waits, or whose holder has been silent past its lease."""
    now, token = utc_now(), new_id()
    waits = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_expires_at__lt=now)
    taken = CompileJob.objects.filter(waits, pk=job_pk).update(
        state=JobState.RUNNING,
        lease_token=token,
        lease_expires_at=now + _lease_time(),
        attempts=F("attempts") + 1,
        started_at=now,
        log_tail="",
    )
    return Lease(job_pk, token) if taken else None


def renew(lease: Lease, log_tail: str = "") -> bool:
    """Hold on to a job, and show what its compiler says.

    Returns:
        `False` where the job is lost, or this worker is to stop.
    """
    now = utc_now()
    held = CompileJob.objects.filter(
        pk=lease.job_pk, lease_token=lease.token, state=JobState.RUNNING
    )
    kept = held.update(
        lease_expires_at=now + _lease_time(),
        said_at=Case(When(log_tail=log_tail, then=F("said_at")), default=Value(now)),
        log_tail=log_tail,
    )
    return bool(kept) and not worker_is_stopping()


def _lease_time() -> timedelta:
    return timedelta(seconds=settings.ENVIRONMENT.lease_seconds)


def _give_back(lease: Lease) -> str:
    """Queue a job again that was stopped over; that this worker stops is not the job's fault.

    Where only the compiler was told to stop, the attempt counts: it may do so each time.
    """
    held = CompileJob.objects.filter(pk=lease.job_pk, lease_token=lease.token)
    given_back = held.update(
        state=JobState.QUEUED,
        lease_token=None,
        lease_expires_at=None,
        attempts=F("attempts") - int(worker_is_stopping()),
        log_tail="",
    )
    if not given_back:
        return "discarded"
    enqueue_compile(lease.job_pk)
    return "given_back"


def _result_of(job: CompileJob, lease: Lease) -> tuple[CompileResult, bool]:
    """Compile, or give what an earlier compile gave; and say which."""
    package = stored_package(job.source_digest, job.toolchain)
    if isinstance(package, CompileFailed):
        return package, False
    status = compilers.find_status(job.toolchain)
    if status.digest is not None:
        cached = compilers.find_cached(_cache_key(job, status.digest))
        if cached is not None:
            return cached, True
    result = compile_package(
        compilers.toolchain_config(),
        job.toolchain,
        package,
        job.module_id,
        on_progress=lambda tail: renew(lease, tail),
    )
    return result, False


def _cache_key(job: CompileJob, toolchain_digest: str) -> CacheKey:
    module_id = job.module_id if job.toolchain == COMMAND else None
    return CacheKey(job.toolchain, toolchain_digest, job.source_digest, module_id)


def finish(lease: Lease, result: CompileResult, *, from_cache: bool = False) -> str:
    """Record how a job ended, if its lease still holds; a late worker changes nothing."""
    world = World.objects.get(compilejob__pk=lease.job_pk)
    end = _end_of(CompileJob.objects.get(pk=lease.job_pk), result, world.slug)
    with transaction.atomic():
        # The head before the job, in the order in which a rebuild takes them.
        head = journal.lock_head(world.slug)
        held = CompileJob.objects.select_for_update().filter(lease_token=lease.token)
        job = held.filter(pk=lease.job_pk, state=JobState.RUNNING).first()
        if job is None:
            _log.warning("job %s: a result came after its lease was lost; dropped", lease.job_pk)
            return "discarded"
        state = _record_end(head, job, end)
        CompileJob.objects.filter(pk=job.pk).update(
            finished_at=utc_now(),
            from_cache=from_cache,
            lease_token=None,
            lease_expires_at=None,
            log_tail="",
        )
        remarks_digest = _keep_remarks(job, end) if state == JobState.SUCCEEDED else None
    if isinstance(result, Compiled) and state == JobState.SUCCEEDED and not from_cache:
        key = _cache_key(job, result.toolchain_digest)
        compilers.remember(key, digest_of(result.wasm), remarks_digest)
    return state


def _keep_remarks(job: CompileJob, end: "_End") -> str | None:
    """Keep what the compiler remarked on sources that it took; no event names it."""
    if end.remarks is None:
        return None
    content.store(end.remarks)
    CompileJob.objects.filter(pk=job.pk).update(diagnostics_digest=end.remarks.digest)
    return end.remarks.digest


class _End(NamedTuple):
    """A result made ready before the lock: bytes measured, and what is to be stored compressed.

    `prepared` is the module, or the remarks on why there is none; `remarks` are those on a module.
    """

    result: CompileResult
    prepared: content.Prepared | None
    measured: Measured | None
    remarks: content.Prepared | None = None


def _end_of(job: CompileJob, result: CompileResult, world: str) -> _End:
    if not isinstance(result, Compiled):
        return _End(result, _prepare_remarks(result.diagnostics), None)
    prepared = content.prepare(result.wasm)
    measured = measure(result.wasm, prepared, world)
    if measured.wasm.defect is None:
        return _End(result, prepared, measured, _prepare_remarks(result.diagnostics))
    return _End(result, _prepare_remarks(remarks_on(job, measured.complaint)), measured)


def _prepare_remarks(diagnostics: Sequence[Diagnostic]) -> content.Prepared | None:
    if not diagnostics:
        return None
    return content.prepare(encode_diagnostics(list(map(diagnostic_document, diagnostics))))


def _record_end(head: Head, job: CompileJob, end: _End) -> str:
    action = actions.FinishCompile(
        AgentId(job.publisher_agent_id),
        ModuleId(job.module_id),
        job.request_seq,
        _core_result(job, end),
    )
    judgement = judge(head, action, compile_policy(head.slug))
    events = judgement.events
    if judgement.rejection is not None:
        summary: JsonObject = {
            "decision": "compile_module_artifact_from_source",
            "publisher": f"agent:{job.publisher_agent_id}",
            "module_id": job.module_id,
            "manifest_path": job.manifest_path,
            "source_files": {"digest": job.source_digest},
        }
        events = (ActionRejected(summary, _refusal_of(judgement.rejection, end), job.request_seq),)
    if end.prepared is not None:
        content.store(end.prepared)
    if end.measured is not None and end.measured.inspection is not None:
        store_inspection(end.measured.wasm.digest, end.measured.inspection)
    actor = _actor_of(job)
    record(head, judgement.state, events, Stamp(DecisionId(job.decision_id), actor, utc_now()))
    job.refresh_from_db(fields=["state"])
    return job.state


def _refusal_of(rejection: Rejection, end: _End) -> RejectionRecord:
    """Name the remarks also in the refusal of a module: the rules know nothing of them."""
    stored = record_of(rejection)
    if end.prepared is None:
        return stored
    facts = {**stored.facts, "diagnostics_digest": end.prepared.digest}
    return RejectionRecord(stored.code, stored.field, facts)


def _core_result(job: CompileJob, end: _End) -> actions.CompileSucceeded | actions.CompileFailed:
    if isinstance(end.result, CompileFailed):
        digest = None if end.prepared is None else Digest(end.prepared.digest)
        return actions.CompileFailed(end.result.code, dict(end.result.facts), digest)
    assert end.measured is not None  # noqa: S101 - for mypy: a compiled result was measured
    return actions.CompileSucceeded(
        end.measured.wasm,
        Provenance(
            request_seq=job.request_seq,
            source_digest=Digest(job.source_digest),
            toolchain=end.result.toolchain,
            toolchain_version=end.result.version,
            toolchain_digest=Digest(end.result.toolchain_digest),
            flags=end.result.flags,
        ),
    )


def _actor_of(job: CompileJob) -> Actor:
    request = reading.find_event(job.world_id, job.request_seq)
    if request is None:
        return Actor(None, AgentId(job.publisher_agent_id), "command")
    return decode_event(request.body).recorded.actor


def reap() -> int:
    """Hand out the jobs that a lost worker held, and those that a lost queue forgot.

    Delivering a job twice is harmless, losing it is not; so few are handed out at a time, the
    oldest first.
    """
    now = utc_now()
    lost = Q(state=JobState.RUNNING, lease_expires_at__lt=now, enqueued_at__lt=now - _lease_time())
    forgotten = Q(state=JobState.QUEUED, enqueued_at__lt=now - _REQUEUE_AFTER)
    due = CompileJob.objects.filter(lost | forgotten).order_by("id").values_list("pk", flat=True)
    chosen = list(due[:_HANDED_OUT_AT_ONCE])
    CompileJob.objects.filter(pk__in=chosen).update(enqueued_at=now)
    for job_pk in chosen:
        enqueue_compile(job_pk)
    return len(chosen)
