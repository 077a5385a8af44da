"""What audits leave behind: checks asked for and their results, signed checkpoints and their keys.

A check's job changes while it runs; all else here is written once. Checking is not done here.
"""

import base64
from typing import ClassVar

from django.db import models

from lifecycle.models.append_only import AppendOnlyModel
from lifecycle.models.worlds import World


class CheckState(models.TextChoices):
    """Where a check is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CheckJob(models.Model):
    """A check that somebody asked for: of a world, a range of its journal, or one artifact.

    `to_seq` is null for the head as of when it runs. Who holds `lease_token` before
    `lease_expires_at` may write the result. `reached_seq` is how far it is.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    check_id = models.CharField(max_length=36, unique=True)
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    channel = models.CharField(max_length=16)
    asked_at = models.DateTimeField()
    from_seq = models.BigIntegerField(default=1)
    to_seq = models.BigIntegerField(null=True, blank=True)
    wasm_hash = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    state = models.CharField(max_length=16, choices=CheckState.choices, default=CheckState.QUEUED)
    reached_seq = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    failure_code = models.CharField(max_length=64, blank=True)
    enqueued_at = models.DateTimeField()
    lease_token = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Checks are listed by world, and handed out by state."""

        verbose_name = "check"
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="check_of_world"),
            models.Index(fields=["state", "id"], name="check_by_state"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.check_id


class CheckResult(AppendOnlyModel):
    """What a check found, kept for ever. `fault_seq` and its fellows are null where all is well."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    check_id = models.CharField(max_length=36, unique=True)
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    channel = models.CharField(max_length=16)
    asked_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    duration_ms = models.BigIntegerField()
    wasm_hash = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    from_seq = models.BigIntegerField()
    to_seq = models.BigIntegerField()
    events_checked = models.BigIntegerField()
    checks = models.CharField(max_length=100)
    ok = models.BooleanField()
    head_seq = models.BigIntegerField()
    head_hash = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    fault_seq = models.BigIntegerField(null=True, blank=True)
    fault_code = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    fault_reason = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty
    differing_tables = models.CharField(max_length=200, blank=True)

    class Meta:
        """Results are listed by world, the last first."""

        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="check_result_of_world"),
        ]

    def __str__(self) -> str:
        """Give the id of the check."""
        return self.check_id


class CheckpointKey(AppendOnlyModel):
    """A public key that this service signed checkpoints with. The private one is in a file."""

    key_id = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=64)
    public_key = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()

    class Meta:
        """The last key is the one in use."""

        ordering: ClassVar[list[str]] = ["-first_used_at"]

    def __str__(self) -> str:
        """Give the id."""
        return self.key_id

    @property
    def public_bytes(self) -> bytes:
        """Give the 32 bytes of the key."""
        return base64.b64decode(self.public_key)


class Checkpoint(AppendOnlyModel):
    """A signed statement of where a world's journal stood. `note` is what is handed out."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    head_hash = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64)
    key = models.ForeignKey(CheckpointKey, on_delete=models.PROTECT, db_index=False)
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    channel = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        """A place is signed once by a key."""

        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "seq", "key"], name="checkpoint_once"),
        ]

    def __str__(self) -> str:
        """Give the place."""
        return f"{self.seq}"
