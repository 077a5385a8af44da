"""Checks, checkpoints and their keys as documents; and how all worlds stand, for an auditor."""

from typing import Final, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Max

from lifecycle.access.callers import SeenWorld
from lifecycle.access.roles import audited_worlds
from lifecycle.models.audits import CheckJob, Checkpoint, CheckResult, CheckState
from lifecycle.models.worlds import World
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.pages import Page, page_of

_MOST_WORLDS: Final = 200


class WorldStanding(NamedTuple):
    """Where a world's journal ends, and what was last checked and signed of it."""

    world: World
    head_seq: int
    last_check: CheckResult | None
    last_checkpoint: Checkpoint | None


def standings(account: User | AnonymousUser) -> list[WorldStanding]:
    """Give how each world stands that an account may audit."""
    worlds = audited_worlds(account).select_related("journalhead").order_by("slug")
    chosen = list(worlds[:_MOST_WORLDS])
    checks = _last_checks([world.pk for world in chosen])
    signed = _last_checkpoints([world.pk for world in chosen])
    return [
        WorldStanding(world, _head_seq(world), checks.get(world.pk), signed.get(world.pk))
        for world in chosen
    ]


def checks_not_ended(account: User | AnonymousUser) -> int:
    """Count the checks that wait or run in the worlds that an account may audit."""
    unfinished = CheckJob.objects.filter(state__in=[CheckState.QUEUED, CheckState.RUNNING])
    return unfinished.filter(world__in=audited_worlds(account)).count()


def _head_seq(world: World) -> int:
    head = getattr(world, "journalhead", None)
    return 0 if head is None else int(head.seq)


def _last_checks(world_pks: list[int]) -> dict[int, CheckResult]:
    rows = CheckResult.objects.filter(world__in=world_pks, wasm_hash=None).order_by()
    last = rows.values("world").annotate(last=Max("pk")).values("last")
    return {row.world_id: row for row in CheckResult.objects.filter(pk__in=last)}


def _last_checkpoints(world_pks: list[int]) -> dict[int, Checkpoint]:
    rows = Checkpoint.objects.filter(world__in=world_pks).order_by()
    last = rows.values("world").annotate(last=Max("pk")).values("last")
    return {row.world_id: row for row in Checkpoint.objects.filter(pk__in=last)}


def checks_page(world: SeenWorld, *, before: int | None = None, limit: int = 32) -> Page[Document]:
    """Give a world's checks, the last asked for first; `before` is a page's `next`."""
    rows = CheckJob.objects.filter(world_id=world.pk).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    results = CheckResult.objects.filter(check_id__in=[row.check_id for row in found])
    by_check = {result.check_id: result for result in results}
    page = page_of(found, limit, lambda row: row.pk)
    return page.map(lambda row: _check_document(row, by_check.get(row.check_id)))


def get_check(world: SeenWorld, check_id: str) -> Document:
    """Give one check of a world, with its result where it has ended.

    Raises:
        NotFoundError: the world has no such check.
    """
    row = CheckJob.objects.filter(world_id=world.pk, check_id=check_id).first()
    if row is None:
        raise NotFoundError("check_id")
    return _check_document(row, CheckResult.objects.filter(check_id=check_id).first())


def _check_document(job: CheckJob, result: CheckResult | None) -> Document:
    return {
        "id": job.check_id,
        "account": job.account,
        "channel": job.channel,
        "asked_at": utc_text(job.asked_at),
        "from_seq": job.from_seq,
        "to_seq": job.to_seq,
        "wasm_hash": job.wasm_hash,
        "state": job.state,
        "reached_seq": job.reached_seq,
        "failure_code": job.failure_code or None,
        "result": None if result is None else _result_document(result),
    }


def _result_document(result: CheckResult) -> Document:
    fault: Document | None = None
    if result.fault_seq is not None:
        fault = {
            "seq": result.fault_seq,
            "code": result.fault_code,
            "reason": result.fault_reason,
        }
    return {
        "ok": result.ok,
        "from_seq": result.from_seq,
        "to_seq": result.to_seq,
        "head_seq": result.head_seq,
        "head_hash": result.head_hash,
        "checks": result.checks.split(", "),
        "events_checked": result.events_checked,
        "state_digest": result.state_digest,
        "fault": fault,
        "differing_tables": [name for name in result.differing_tables.split(", ") if name],
        "checked_at": utc_text(result.checked_at),
        "duration_ms": result.duration_ms,
    }


def checkpoints_page(
    world: SeenWorld, *, before: int | None = None, limit: int = 32
) -> Page[Document]:
    """Give a world's checkpoints, newest first; `before` is a page's `next`."""
    rows = Checkpoint.objects.filter(world_id=world.pk).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return page_of(list(rows[: limit + 1]), limit, lambda row: row.pk).map(checkpoint_document)


def checkpoint_document(row: Checkpoint) -> Document:
    """Give a checkpoint as JSON, the signed note in it."""
    return {
        "seq": row.seq,
        "head_hash": row.head_hash,
        "state_digest": row.state_digest,
        "key_id": row.key_id,
        "account": row.account,
        "channel": row.channel,
        "made_at": utc_text(row.made_at),
        "note": row.note,
    }


def get_note(world: SeenWorld, seq: int) -> str:
    """Give the last checkpoint of a place, as it is handed out.

    Raises:
        NotFoundError: the place was never signed.
    """
    row = Checkpoint.objects.filter(world_id=world.pk, seq=seq).order_by("-id").first()
    if row is None:
        raise NotFoundError("seq")
    return row.note
