"""Rebuilds that people ask for: compiled in a worker like any compile, and their results kept.

As with compiles, the queue may deliver one twice, late or never; the row decides, and who holds the
token of its lease may write how it ended. No rebuild is an event: it changes nothing in a world.
"""

import json
import logging
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from lifecycle.access.callers import SeenWorld
from lifecycle.content.store import ContentError
from lifecycle.core.values import JsonObject
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.models.jobs import Rebuild, RebuildOutcome, RebuildState
from lifecycle.projections.artifacts import find_artifact
from lifecycle.toolchains.results import Compiled
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import NotFoundError, TooManyRebuildsError
from lifecycle.usecases.queue import enqueue_rebuild, worker_is_stopping
from lifecycle.usecases.recompile import Comparison, recompile

MOST_UNFINISHED: Final = 16
_HANDED_OUT_AT_ONCE: Final = 16
_REQUEUE_AFTER: Final = timedelta(seconds=30)
_UNFINISHED: Final = (RebuildState.QUEUED, RebuildState.RUNNING)
_log = logging.getLogger(__name__)


def request_rebuild(world: SeenWorld, wasm_hash: str, account: str) -> int:
    """Have an artifact's sources compiled again; one that waits or runs already will do.

    Returns:
        The number of the rebuild.

    Raises:
        NotFoundError: the world has no such artifact.
        TooManyRebuildsError: so many wait in this world already.
    """
    if find_artifact(world.pk, wasm_hash) is None:
        raise NotFoundError("wasm_hash", {"received": wasm_hash})
    unfinished = Rebuild.objects.filter(world_id=world.pk, state__in=_UNFINISHED)
    same = unfinished.filter(wasm_hash=wasm_hash)
    asked = same.values_list("pk", flat=True).first()
    if asked is not None:
        return asked
    if unfinished.count() >= MOST_UNFINISHED:
        raise TooManyRebuildsError(None, {"maximum": MOST_UNFINISHED})
    now = utc_now()
    try:
        with transaction.atomic():
            made = Rebuild.objects.create(
                world_id=world.pk,
                wasm_hash=wasm_hash,
                account=account,
                requested_at=now,
                enqueued_at=now,
            )
            enqueue_rebuild(made.pk)
    except IntegrityError:
        # Somebody else asked for the same one at the same moment.
        return same.values_list("pk", flat=True).get()
    return made.pk


class _Lease(NamedTuple):
    """The right to finish a rebuild, for as long as it is renewed."""

    rebuild_pk: int
    token: str


def run_rebuild(rebuild_pk: int) -> str:
    """Run a rebuild and give how it ended: its outcome, or ``not_claimed``."""
    lease = _claim(rebuild_pk)
    if lease is None:
        return "not_claimed"
    rebuild = Rebuild.objects.select_related("world").get(pk=rebuild_pk)
    if rebuild.attempts > settings.ENVIRONMENT.compile_attempts:
        lost: JsonObject = {"attempts": rebuild.attempts - 1}
        return _finish(lease, _failed("compile_worker_lost", lost))
    try:
        comparison = recompile(
            rebuild.world.slug, rebuild.wasm_hash, on_progress=lambda _: _renew(lease)
        )
    except (ContentError, JournalBrokenError):
        _log.exception("rebuild %s: what it needs is missing or altered", rebuild_pk)
        return _finish(lease, _failed("journal_broken", {}))
    if _was_stopped(comparison):
        return _give_back(lease)
    return _finish(lease, _end_of(comparison))


def _claim(rebuild_pk: int) -> _Lease | None:
    now, token = utc_now(), new_id()
    waits = Q(state=RebuildState.QUEUED) | Q(state=RebuildState.RUNNING, lease_expires_at__lt=now)
    taken = Rebuild.objects.filter(waits, pk=rebuild_pk).update(
        state=RebuildState.RUNNING,
        lease_token=token,
        lease_expires_at=now + _lease_time(),
        attempts=F("attempts") + 1,
        started_at=now,
    )
    return _Lease(rebuild_pk, token) if taken else None


def _renew(lease: _Lease) -> bool:
    held = Rebuild.objects.filter(pk=lease.rebuild_pk, lease_token=lease.token)
    kept = held.update(lease_expires_at=utc_now() + _lease_time())
    return bool(kept) and not worker_is_stopping()


def _lease_time() -> timedelta:
    return timedelta(seconds=settings.ENVIRONMENT.lease_seconds)


def _was_stopped(comparison: Comparison) -> bool:
    result = comparison.result
    return (
        result is not None
        and not isinstance(result, Compiled)
        and result.code == "compile_cancelled"
    )


def _give_back(lease: _Lease) -> str:
    """Queue a rebuild again that was stopped over, as `compile` does."""
    held = Rebuild.objects.filter(pk=lease.rebuild_pk, lease_token=lease.token)
    given_back = held.update(
        state=RebuildState.QUEUED,
        lease_token=None,
        lease_expires_at=None,
        attempts=F("attempts") - int(worker_is_stopping()),
    )
    if not given_back:
        return "discarded"
    enqueue_rebuild(lease.rebuild_pk)
    return "given_back"


def _end_of(comparison: Comparison) -> dict[str, object]:
    result, was = comparison.result, comparison.provenance
    if result is None or was is None:
        return {"outcome": RebuildOutcome.NO_SOURCES}
    if not isinstance(result, Compiled):
        return _failed(result.code, dict(result.facts), result.duration_ms)
    same = comparison.same_bytes
    return {
        "outcome": RebuildOutcome.SAME if same else RebuildOutcome.DIFFERENT,
        "rebuilt_hash": comparison.rebuilt_hash,
        "toolchain": result.toolchain,
        "toolchain_version": result.version,
        "toolchain_digest": result.toolchain_digest,
        "toolchain_digest_then": was.toolchain_digest,
        "duration_ms": result.duration_ms,
    }


def _failed(code: str, facts: JsonObject, duration_ms: int = 0) -> dict[str, object]:
    return {
        "outcome": RebuildOutcome.FAILED,
        "failure_code": code,
        "failure_facts": json.dumps(facts),
        "duration_ms": duration_ms,
    }


def _finish(lease: _Lease, end: dict[str, object]) -> str:
    held = Rebuild.objects.filter(pk=lease.rebuild_pk, lease_token=lease.token)
    written = held.filter(state=RebuildState.RUNNING).update(
        state=RebuildState.FINISHED,
        finished_at=utc_now(),
        lease_token=None,
        lease_expires_at=None,
        **end,
    )
    return str(end["outcome"]) if written else "discarded"


def reap_rebuilds() -> int:
    """Hand out the rebuilds that a lost worker held, and those that a lost queue forgot."""
    now = utc_now()
    lost = Q(
        state=RebuildState.RUNNING,
        lease_expires_at__lt=now,
        enqueued_at__lt=now - _lease_time(),
    )
    forgotten = Q(state=RebuildState.QUEUED, enqueued_at__lt=now - _REQUEUE_AFTER)
    due = Rebuild.objects.filter(lost | forgotten).order_by("id").values_list("pk", flat=True)
    chosen = list(due[:_HANDED_OUT_AT_ONCE])
    Rebuild.objects.filter(pk__in=chosen).update(enqueued_at=now)
    for rebuild_pk in chosen:
        enqueue_rebuild(rebuild_pk)
    return len(chosen)
