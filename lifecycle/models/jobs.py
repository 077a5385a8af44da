"""Compile jobs, what compiles gave before, and which toolchains the workers have."""

from typing import ClassVar

from django.db import models

from lifecycle.models.worlds import World


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CompileJob(models.Model):
    """One requested compile. Who holds `lease_token` before `lease_expires_at` may finish it.

    `log_tail` is the end of what the compiler has said while it runs, and empty before and after;
    it last changed at `said_at`.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    request_seq = models.BigIntegerField()
    decision_id = models.CharField(max_length=36)
    publisher_agent_id = models.CharField(max_length=128)
    module_id = models.CharField(max_length=128)
    manifest_path = models.CharField(max_length=512)
    toolchain = models.CharField(max_length=16)
    source_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failure_code = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    diagnostics_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    wasm_hash = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    from_cache = models.BooleanField(default=False)
    log_tail = models.TextField(blank=True, default="")
    said_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A request has one job. It is found by state, by source, and as the last that ran."""

        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "request_seq"], name="job_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["world", "publisher_agent_id"],
                condition=models.Q(state__in=["queued", "running"]),
                name="job_unfinished",
            ),
            models.Index(
                fields=["world", "publisher_agent_id", "-request_seq"], name="job_of_agent"
            ),
            models.Index(fields=["state", "id"], name="job_by_state"),
            models.Index(fields=["world", "state", "request_seq"], name="job_of_world_by_state"),
            models.Index(fields=["world", "source_digest", "request_seq"], name="job_by_source"),
            models.Index(fields=["world", "wasm_hash", "request_seq"], name="job_by_artifact"),
            models.Index(fields=["started_at"], name="job_last_started"),
            models.Index(fields=["finished_at"], name="job_last_finished"),
        ]

    def __str__(self) -> str:
        """Give the request's place and the module."""
        return f"{self.request_seq} {self.module_id}"


class RebuildState(models.TextChoices):
    """Where a rebuild is."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"


class RebuildOutcome(models.TextChoices):
    """What compiling an artifact's sources again gave."""

    SAME = "same"
    DIFFERENT = "different"
    FAILED = "failed"
    NO_SOURCES = "no_sources"


class Rebuild(models.Model):
    """One compile of an artifact's sources again, to compare the bytes; it is no event.

    Who holds `lease_token` before `lease_expires_at` may finish it.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    wasm_hash = models.CharField(max_length=64)
    account = models.CharField(max_length=150)
    state = models.CharField(
        max_length=16, choices=RebuildState.choices, default=RebuildState.QUEUED
    )
    outcome = models.CharField(  # noqa: DJ001 - absent, not empty
        max_length=16, choices=RebuildOutcome.choices, null=True, blank=True
    )
    rebuilt_hash = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    toolchain = models.CharField(max_length=16, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    toolchain_version = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    toolchain_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    toolchain_digest_then = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    failure_code = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    failure_facts = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty
    duration_ms = models.BigIntegerField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An artifact is rebuilt once at a time; listed by artifact, reaped by state."""

        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["world", "wasm_hash"],
                condition=models.Q(state__in=["queued", "running"]),
                name="rebuild_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "wasm_hash", "-id"], name="rebuild_of_artifact"),
            models.Index(fields=["world", "state"], name="rebuild_of_world_by_state"),
            models.Index(fields=["state", "id"], name="rebuild_by_state"),
        ]

    def __str__(self) -> str:
        """Give the artifact's hash."""
        return self.wasm_hash


class CompileCacheEntry(models.Model):
    """What a compile gave: the same sources with the same toolchain give the same bytes.

    `diagnostics_digest` names what the compiler remarked on sources that it took.
    """

    key = models.CharField(max_length=64, primary_key=True)
    wasm_hash = models.CharField(max_length=64)
    diagnostics_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    created_at = models.DateTimeField()

    class Meta:
        """Rows are named by what they are."""

        verbose_name_plural = "compile cache entries"

    def __str__(self) -> str:
        """Give the key."""
        return self.key


class ToolchainReport(models.Model):
    """What a worker's machine last said of one toolchain."""

    name = models.CharField(max_length=16, primary_key=True)
    available = models.BooleanField()
    version = models.CharField(max_length=200)
    problem = models.TextField(blank=True)
    install_hint = models.TextField(blank=True)
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        """Give the name and the version."""
        return f"{self.name} {self.version}"
