"""The status query, `module_lifecycle_status`: what exists, what compiles, what is allowed.

Every list is cut in the database, so that the reply costs the same in a large world.
"""

import re
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Q, QuerySet

from lifecycle.access.callers import SeenWorld
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState, ToolchainReport
from lifecycle.models.projections import Artifact, InstalledModule
from lifecycle.projections.artifacts import artifacts_of, with_owners
from lifecycle.projections.compiles import UNFINISHED
from lifecycle.projections.modules import modules_of
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.limits import policy, wasm_policy
from lifecycle.usecases.queries.browse import artifact_summary, module_document
from lifecycle.usecases.queries.documents import Document, rejection_document, rejection_of

DEFAULT_LIMIT: Final = 32
LARGEST_LIMIT: Final = 256
_MOST_FAILED: Final = 32
_CURSOR: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_CURSOR_RULE: Final = "the next_cursor of an earlier reply"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_UNSEEN_SECONDS: Final = 60
_NOT_LIMITS: Final = ("operator_command", "unavailable_toolchains")


class StatusQuery(NamedTuple):
    """The arguments of the query, as they came; see `limit_of` for the limits."""

    module_id: str | None = None
    limit_artifacts: object = None
    limit_installed: object = None
    cursor: str | None = None


class _Cut(NamedTuple):
    """A list after the cut: what is shown, how many there are, and where the next page starts."""

    rows: list[Any]
    total: int
    filtered_out: int
    next_place: int


def limit_of(asked: object) -> int:
    """Give a limit between 1 and 256; what is no integer gives the default, 32."""
    if isinstance(asked, str):
        text = asked.strip()
        asked = int(text) if _INTEGER.fullmatch(text) else None
    if not isinstance(asked, int) or isinstance(asked, bool):
        return DEFAULT_LIMIT
    return min(max(asked, 1), LARGEST_LIMIT)


def module_lifecycle_status(world: SeenWorld, query: StatusQuery) -> Document:
    """Answer the status query as of one moment.

    Raises:
        InvalidParameterError: the cursor is not one that a reply gave.
        WorldNotFoundError: no such world.
    """
    places = _places_of(query.cursor)
    limits = limit_of(query.limit_artifacts), limit_of(query.limit_installed)
    module_id = (query.module_id or "").strip() or None
    with reading.read_snapshot():
        head = journal.get_head(world.slug)
        artifacts = _cut_artifacts(world.pk, module_id, places[0], limits[0])
        modules = _cut_modules(world.pk, module_id, places[1], limits[1])
        following = artifacts.next_place, modules.next_place
        return {
            "world": world.slug,
            "head_seq": head.seq,
            "tick": head.tick,
            "module_id": module_id,
            "limit_artifacts": limits[0],
            "limit_installed": limits[1],
            "artifacts_total": artifacts.total,
            "artifacts_filtered_out": artifacts.filtered_out,
            "artifacts": [artifact_summary(row) for row in with_owners(world.pk, artifacts.rows)],
            "installed_modules_total": modules.total,
            "installed_modules_filtered_out": modules.filtered_out,
            "installed_modules": [module_document(row) for row in modules.rows],
            "next_cursor": "{}.{}".format(*following) if any(following) else None,
            **_compiles(world.pk, module_id),
            "limits": limits_document(),
        }


def _places_of(cursor: str | None) -> tuple[int | None, int | None]:
    """Read where the two lists go on: below these places; 0 says that a list has ended."""
    if cursor is None or cursor.strip() == "":
        return None, None
    places = _CURSOR.fullmatch(cursor.strip())
    if places is None:
        raise InvalidParameterError("cursor", {"received": cursor[:80], "accepted": _CURSOR_RULE})
    return int(places[1]), int(places[2])


def _cut_artifacts(world_pk: int, module_id: str | None, before: int | None, limit: int) -> _Cut:
    matching: QuerySet[Artifact] = artifacts_of(world_pk, module_id)
    total = matching.count()
    filtered_out = 0 if module_id is None else artifacts_of(world_pk).count() - total
    rows = matching if before is None else matching.filter(deployed_seq__lt=before)
    listed = list(rows[: limit + 1])
    place = listed[limit - 1].deployed_seq if len(listed) > limit else 0
    return _Cut(listed[:limit], total, filtered_out, place)


def _cut_modules(world_pk: int, module_id: str | None, before: int | None, limit: int) -> _Cut:
    matching: QuerySet[InstalledModule] = modules_of(world_pk, module_id)
    total = matching.count()
    filtered_out = 0 if module_id is None else modules_of(world_pk).count() - total
    rows = matching if before is None else matching.filter(installed_seq__lt=before)
    listed = list(rows[: limit + 1])
    place = listed[limit - 1].installed_seq if len(listed) > limit else 0
    return _Cut(listed[:limit], total, filtered_out, place)


def _compiles(world_pk: int, module_id: str | None) -> Document:
    jobs = CompileJob.objects.filter(world_id=world_pk)
    if module_id is not None:
        jobs = jobs.filter(module_id=module_id)
    # State by state, so that each is a look-up by index and no job that succeeded is read.
    failed = list(jobs.filter(state=JobState.FAILED).order_by("-request_seq")[:_MOST_FAILED])
    unfinished = [
        job
        for state in UNFINISHED
        for job in jobs.filter(state=state).order_by("-request_seq")[:LARGEST_LIMIT]
    ]
    queue = _queue()
    listed = sorted([*unfinished, *failed], key=lambda job: -job.request_seq)
    records = _rejections(world_pk, failed)
    return {
        "compiles": [_compile_document(job, queue, records) for job in listed],
        "queue": queue.document(),
    }


class _Queue(NamedTuple):
    """The jobs of all worlds that wait, in the order they are taken, and whether any runs."""

    waiting: dict[int, int]
    running: int
    stalled: bool

    def document(self) -> Document:
        """Give the counts."""
        return {"queued": len(self.waiting), "running": self.running, "stalled": self.stalled}


def _queue() -> _Queue:
    queued = CompileJob.objects.filter(state=JobState.QUEUED).order_by("id")
    waiting = {pk: place for place, pk in enumerate(queued.values_list("pk", flat=True), 1)}
    live = Q(state=JobState.RUNNING, lease_expires_at__gte=utc_now())
    running = CompileJob.objects.filter(live).count()
    oldest = queued.values_list("requested_at", flat=True).first()
    # Jobs wait, and for a minute nobody has taken one: the workers are gone.
    idle = oldest is not None and (utc_now() - oldest).total_seconds() > _UNSEEN_SECONDS
    return _Queue(waiting, running, idle and running == 0)


def _rejections(world_pk: int, failed: list[CompileJob]) -> dict[str, Document | None]:
    ids = [job.decision_id for job in failed]
    rows = Decision.objects.filter(world_id=world_pk, decision_id__in=ids)
    return {row.decision_id: rejection_document(rejection_of(row)) for row in rows}


def _compile_document(
    job: CompileJob, queue: _Queue, rejections: dict[str, Document | None]
) -> Document:
    queued = job.state == JobState.QUEUED
    lease = job.lease_expires_at
    lost = job.state == JobState.RUNNING and lease is not None and lease < utc_now()
    return {
        "id": job.decision_id,
        "request_seq": job.request_seq,
        "module_id": job.module_id,
        "publisher_agent_id": job.publisher_agent_id,
        "toolchain": job.toolchain,
        "state": job.state,
        "position": queue.waiting.get(job.pk) if queued else None,
        "stalled": lost or (queued and queue.stalled),
        "attempts": job.attempts,
        "requested_at": utc_text(job.requested_at),
        "reason": job.failure_code,
        "rejection": rejections.get(job.decision_id),
    }


def limits_document() -> Document:
    """Give what is allowed, and which toolchains the workers say they have."""
    given = policy()
    limits: Document = msgspec.to_builtins(given)
    for name in _NOT_LIMITS:
        del limits[name]
    reports = ToolchainReport.objects.order_by("name")
    return {
        **limits,
        "wasm": wasm_policy().describe(),
        "toolchains": [_toolchain_document(report) for report in reports],
    }


def _toolchain_document(report: ToolchainReport) -> Document:
    return {
        "name": report.name,
        "available": report.available,
        "version": report.version or None,
        "install_hint": report.install_hint or None,
        "reported_at": utc_text(report.reported_at),
    }
