"""The journal's tables: the events of every world, and each world's head.

Only the rooms `journal` and `admin` may import this file.
"""

from typing import ClassVar

from django.db import models

from lifecycle.models.append_only import AppendOnlyModel
from lifecycle.models.worlds import World


class JournalHead(models.Model):
    """The end of a world's journal; its row is locked while an event is appended."""

    world = models.OneToOneField(World, on_delete=models.PROTECT, primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    tick = models.BigIntegerField()

    def __str__(self) -> str:
        """Give the place in the journal."""
        return f"{self.seq}"


class JournalEvent(AppendOnlyModel):
    """One event. `body` holds the canonical bytes that `hash` covers; the columns repeat them."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    tick = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    decision_id = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    recorded_at = models.CharField(max_length=27)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        """A place is taken once, and each event has one follower."""

        ordering: ClassVar[list[str]] = ["world", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "seq"], name="event_place_once"),
            models.UniqueConstraint(fields=["world", "prev_hash"], name="event_follower_once"),
        ]

    def __str__(self) -> str:
        """Give the place and the kind."""
        return f"{self.seq} {self.kind}"


class StateSnapshot(models.Model):
    """A world's state at a place, cached. Disposable: any replay gives it again.

    `event_hash` ties it to the chain, `schema` to the form of the state it was written in.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    event_hash = models.CharField(max_length=64)
    schema = models.PositiveIntegerField()
    compressed = models.BinaryField()

    class Meta:
        """A place has one snapshot."""

        ordering: ClassVar[list[str]] = ["world", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "seq"], name="snapshot_once"),
        ]

    def __str__(self) -> str:
        """Give the place."""
        return f"{self.seq}"
