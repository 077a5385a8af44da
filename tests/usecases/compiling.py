"""Words for tests of compile jobs. Nothing here checks anything."""

from datetime import timedelta

from lifecycle.access.callers import get_any_world
from lifecycle.journal.reading import stream_checked
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.queries.decisions import decision_document
from lifecycle.usecases.queries.documents import Document
from tests.service import compile_source
from tests.usecases.histories import GOOD_WAT, job_of

LONG_AGO = timedelta(days=1)


def request(
    agent: str = "ada", manifest: str = "a.wat", text: str = GOOD_WAT, module_id: str = "clock"
) -> CompileJob:
    """Ask for a compile."""
    return job_of(compile_source(agent, module_id, manifest, {manifest: text}))


def document_of(job: CompileJob) -> Document:
    """Give the job's decision as everybody reads it."""
    return decision_document(
        get_any_world("demo"), Decision.objects.get(decision_id=job.decision_id)
    )


def let_lease_run_out(job: CompileJob) -> None:
    """Let a job's worker have been silent for long."""
    CompileJob.objects.filter(pk=job.pk).update(
        lease_expires_at=utc_now() - LONG_AGO, enqueued_at=utc_now() - LONG_AGO
    )


def outcomes_of(job: CompileJob) -> list[str]:
    """Give the kinds of the events of a decision after its request."""
    return [
        type(recorded.event).__name__
        for recorded in stream_checked(job.world_id)
        if recorded.decision_id == job.decision_id and recorded.seq > job.request_seq
    ]
