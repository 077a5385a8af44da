"""Cells that are still being written. What may be done with them is `usecases.drafts`'."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from lifecycle.models.worlds import World


class Draft(models.Model):
    """A cell that an account is writing in a world; nobody else sees it.

    `content` is a JSON text. `version` counts the saves: who saves names the one that he or she
    knows. A draft is no part of the world's history, and goes with its account.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    draft_id = models.CharField(max_length=36, unique=True)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200, blank=True)
    content = models.TextField()
    size_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        """An account's drafts of a world are listed by when they were saved."""

        ordering: ClassVar[list[str]] = ["-saved_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "account", "saved_at"], name="draft_of_account"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.draft_id
