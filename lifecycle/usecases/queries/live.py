"""Whether a world's page must be drawn anew. What it then shows stands in the other files."""

from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery

from lifecycle.access.roles import Account, worlds_for
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.projections.compiles import UNFINISHED


def live_version(account: Account, slug: str) -> str | None:
    """Give a short text that changes when what a world's page shows does.

    It takes the account and not a world that was found before, so that a poll is one query.

    Returns:
        The text, or `None` where the account may see no such world.
    """
    decisions = Decision.objects.filter(world_id=OuterRef("pk")).order_by("-id")
    jobs = CompileJob.objects.filter(world_id=OuterRef("pk"), state__in=UNFINISHED)
    jobs_by_world = jobs.order_by().values("world_id")
    first_queued = CompileJob.objects.filter(state=JobState.QUEUED).order_by().values("state")
    queued = Count("pk", filter=Q(state=JobState.QUEUED))
    row = (
        worlds_for(account)
        .filter(slug=slug)
        .values_list(
            "journalhead__seq",
            Subquery(decisions.values("id")[:1]),
            Subquery(jobs_by_world.annotate(n=queued).values("n")),
            Subquery(jobs_by_world.annotate(n=Count("*")).values("n")),
            Subquery(jobs_by_world.annotate(last=Max("started_at")).values("last")),
            Subquery(first_queued.annotate(first=Min("id")).values("first")),
        )
        .first()
    )
    return None if row is None else _version_of(row)


def _version_of(row: tuple[Any, ...]) -> str:
    seq, decision, queued, unfinished, started_at, first_queued = row
    # Where nothing of this world waits, the queue of the others does not concern it.
    first = first_queued if queued else None
    started = started_at.timestamp() if started_at else None
    return "-".join(str(part or 0) for part in (seq, decision, queued, unfinished, started, first))
