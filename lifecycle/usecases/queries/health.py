"""Whether compiles get done: how long the oldest waits, and whether any runs meanwhile.

Looks only. What is done about a stalled queue stands in `upkeep`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max, Min

from lifecycle.models.jobs import CompileJob, JobState, ToolchainReport
from lifecycle.usecases.clock import utc_now


class QueueHealth(NamedTuple):
    """The queue at one moment; `stalled` when a job waits too long and nobody works."""

    queued: int
    running: int
    oldest_wait_seconds: float
    stalled: bool


def queue_health(since: datetime | None = None) -> QueueHealth:
    """Look at the queue.

    Args:
        since: What happened before is not held against the workers, who started then.
    """
    now = utc_now()
    queued = CompileJob.objects.filter(state=JobState.QUEUED)
    alive = CompileJob.objects.filter(state=JobState.RUNNING, lease_expires_at__gte=now)
    oldest = queued.aggregate(oldest=Min("requested_at"))["oldest"]
    running = alive.count()
    if oldest is None:
        return QueueHealth(0, running, 0.0, stalled=False)
    idle_since = max(filter(None, (oldest, since, _last_sign_of_work())))
    patience = timedelta(seconds=settings.ENVIRONMENT.stall_seconds)
    return QueueHealth(
        queued.count(),
        running,
        (now - oldest).total_seconds(),
        stalled=running == 0 and now - idle_since > patience,
    )


def _last_sign_of_work() -> datetime | None:
    newest = CompileJob.objects.aggregate(started=Max("started_at"), finished=Max("finished_at"))
    return max(filter(None, newest.values()), default=None)


def reported_toolchains() -> dict[str, bool]:
    """Give by name whether the workers said that they have a toolchain; empty before any did."""
    return dict(ToolchainReport.objects.values_list("name", "available"))
