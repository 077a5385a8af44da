"""Compile jobs as the journal knows them: asked for, ended by an artifact or by a refusal.

How a job runs in between is `usecases.compile`'s; a job row lost is made again from its request.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from lifecycle.core.events import (
    ActionRejected,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    Recorded,
)
from lifecycle.models.jobs import CompileJob, JobState

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def project_request(world_pk: int, recorded: Recorded, event: ModuleCompileRequested) -> None:
    """Queue the job of a request that has none."""
    requested_at = datetime.fromisoformat(recorded.recorded_at)
    CompileJob.objects.get_or_create(
        world_id=world_pk,
        request_seq=recorded.seq,
        defaults={
            "decision_id": recorded.decision_id or "",
            "publisher_agent_id": event.publisher_agent_id,
            "module_id": event.module_id,
            "manifest_path": event.manifest_path,
            "toolchain": event.toolchain,
            "source_digest": event.source_digest,
            "requested_at": requested_at,
            "enqueued_at": requested_at,
        },
    )


def project_artifact(world_pk: int, event: ModuleArtifactDeployed) -> None:
    """End the job whose artifact was deployed."""
    if event.provenance is not None:
        _job(world_pk, event.provenance.request_seq).update(
            state=JobState.SUCCEEDED, wasm_hash=event.wasm_hash
        )


def project_rejection(world_pk: int, event: ActionRejected) -> None:
    """End the job whose compile was refused."""
    if event.request_seq is not None:
        _job(world_pk, event.request_seq).update(
            state=JobState.FAILED,
            failure_code=event.rejection.code,
            diagnostics_digest=event.rejection.facts.get("diagnostics_digest"),
        )


def _job(world_pk: int, request_seq: int) -> "QuerySet[CompileJob]":
    return CompileJob.objects.filter(world_id=world_pk, request_seq=request_seq)


def unfinished_jobs(world_pk: int) -> "QuerySet[CompileJob]":
    """Give a world's queued and running jobs."""
    return CompileJob.objects.filter(world_id=world_pk, state__in=UNFINISHED)


def reopen(world_pk: int, request_seqs: Iterable[int]) -> None:
    """Queue the jobs again that are marked as ended although their requests have no outcome."""
    ended = CompileJob.objects.filter(world_id=world_pk, request_seq__in=list(request_seqs))
    ended.exclude(state__in=UNFINISHED).update(
        state=JobState.QUEUED,
        attempts=0,
        failure_code=None,
        diagnostics_digest=None,
        wasm_hash=None,
        lease_token=None,
        lease_expires_at=None,
        finished_at=None,
    )


def job_of(world_pk: int, request_seq: int) -> CompileJob:
    """Give the job of a compile request.

    Raises:
        CompileJob.DoesNotExist: the place holds no compile request.
    """
    return CompileJob.objects.get(world_id=world_pk, request_seq=request_seq)
