"""Whether compiles get done: how long the oldest waits, and whether any runs meanwhile.

Looks only. What is done about a stalled queue stands in `upkeep`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max, Min

from lifecycle.models.jobs import CompileJob, JobState, Rebuild, RebuildState
from lifecycle.usecases.clock import utc_now


class QueueHealth(NamedTuple):
    """The queue of all worlds at one moment.

    It is `stalled` when a job waits too long and nobody works.
    """

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
    idle_since = max(filter(None, (oldest, since, _last("started_at"), _last("finished_at"))))
    rebuilds = Rebuild.objects.filter(state=RebuildState.RUNNING, lease_expires_at__gte=now)
    idle = running == 0 and not rebuilds.exists()
    patience = timedelta(seconds=settings.ENVIRONMENT.stall_seconds)
    return QueueHealth(
        queued.count(),
        running,
        (now - oldest).total_seconds(),
        stalled=idle and now - idle_since > patience,
    )


def _last(sign: str) -> datetime | None:
    # A query each, so that the index of the column answers it without reading the jobs.
    last: datetime | None = CompileJob.objects.aggregate(last=Max(sign))["last"]
    return last
