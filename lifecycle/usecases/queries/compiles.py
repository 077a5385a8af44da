"""Compiles that wait, run or failed. What succeeded is an artifact, and no longer a compile."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.projections.compiles import UNFINISHED, unfinished_jobs
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.queries.decisions import rejection_of
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.health import QueueHealth, queue_health

_MOST_UNFINISHED: Final = 256
_MOST_FAILED: Final = 32
_MOST_OF_AGENT: Final = 4


class CompileRow(NamedTuple):
    """A compile. `position` is its place among those of all worlds that wait, from 1."""

    decision_id: str
    request_seq: int
    module_id: str
    publisher_agent_id: str
    manifest_path: str
    toolchain: str
    state: str
    position: int | None
    stalled: bool
    attempts: int
    requested_at: datetime
    started_at: datetime | None
    log_tail: str
    failure_code: str | None
    rejection: Document | None

    def document(self) -> Document:
        """Give the compile as the status reply lists it."""
        return {
            "id": self.decision_id,
            "request_seq": self.request_seq,
            "module_id": self.module_id,
            "publisher_agent_id": self.publisher_agent_id,
            "toolchain": self.toolchain,
            "state": self.state,
            "position": self.position,
            "stalled": self.stalled,
            "attempts": self.attempts,
            "requested_at": utc_text(self.requested_at),
            "reason": self.failure_code,
            "rejection": self.rejection,
        }


def unfinished_compiles(world: SeenWorld, queue: QueueHealth, *, limit: int) -> list[CompileRow]:
    """Give a world's queued and running compiles, those that run first, then as they wait."""
    jobs = unfinished_jobs(world.pk).order_by("-state", "id")
    return _rows(world, jobs[:limit], queue)


def listed_compiles(
    world: SeenWorld, queue: QueueHealth, *, module_id: str | None = None
) -> list[CompileRow]:
    """Give a world's unfinished compiles and its last failed ones, the last requested first."""
    jobs = CompileJob.objects.filter(world_id=world.pk).order_by("-request_seq")
    if module_id is not None:
        jobs = jobs.filter(module_id=module_id)
    # State by state, so that each is a look-up by index and no job that succeeded is read.
    most = {**dict.fromkeys(UNFINISHED, _MOST_UNFINISHED), JobState.FAILED: _MOST_FAILED}
    listed = [job for state, limit in most.items() for job in jobs.filter(state=state)[:limit]]
    return _rows(world, sorted(listed, key=lambda job: -job.request_seq), queue)


def compiles_of_agent(world: SeenWorld, agent_id: str) -> list[CompileRow]:
    """Give an agent's last compiles that wait, run or failed, the last requested first."""
    jobs = CompileJob.objects.filter(world_id=world.pk, publisher_agent_id=agent_id)
    unsuccessful = jobs.exclude(state=JobState.SUCCEEDED).order_by("-request_seq")
    return _rows(world, unsuccessful[:_MOST_OF_AGENT], queue_health())


def compile_row(world: SeenWorld, job: CompileJob) -> CompileRow:
    """Give one compile, whatever became of it."""
    return _rows(world, [job], queue_health())[0]


def _rows(world: SeenWorld, jobs: Iterable[CompileJob], queue: QueueHealth) -> list[CompileRow]:
    listed = list(jobs)
    positions, rejections = _positions_of(listed), _rejections_of(world, listed)
    return [
        CompileRow(
            decision_id=job.decision_id,
            request_seq=job.request_seq,
            module_id=job.module_id,
            publisher_agent_id=job.publisher_agent_id,
            manifest_path=job.manifest_path,
            toolchain=job.toolchain,
            state=job.state,
            position=positions.get(job.pk),
            stalled=_is_lost(job) or (job.state == JobState.QUEUED and queue.stalled),
            attempts=job.attempts,
            requested_at=job.requested_at,
            started_at=job.started_at,
            log_tail=job.log_tail,
            failure_code=job.failure_code,
            rejection=rejections.get(job.decision_id),
        )
        for job in listed
    ]


def _positions_of(jobs: Iterable[CompileJob]) -> dict[int, int]:
    """Give the place of each queued job among those of all worlds, from 1."""
    queued = [job.pk for job in jobs if job.state == JobState.QUEUED]
    if not queued:
        return {}
    all_queued = CompileJob.objects.filter(state=JobState.QUEUED, pk__lte=max(queued))
    ordered = all_queued.order_by("id").values_list("pk", flat=True)
    return {pk: place for place, pk in enumerate(ordered, start=1)}


def _rejections_of(world: SeenWorld, jobs: Iterable[CompileJob]) -> dict[str, Document | None]:
    failed = [job.decision_id for job in jobs if job.state == JobState.FAILED]
    if not failed:
        return {}
    rows = Decision.objects.filter(world_id=world.pk, decision_id__in=failed)
    return {row.decision_id: rejection_document(rejection_of(row)) for row in rows}


def _is_lost(job: CompileJob) -> bool:
    lease = job.lease_expires_at
    return job.state == JobState.RUNNING and lease is not None and lease < utc_now()
