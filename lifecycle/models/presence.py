"""Who looks at which world just now. Rows are short-lived, and no part of any record."""

from typing import ClassVar

from django.db import models

from lifecycle.models.worlds import World


class Presence(models.Model):
    """An account that has a stream of a world open at one web server.

    Who was seen too long ago is gone: the server that held the stream is.
    """

    world = models.ForeignKey(World, on_delete=models.CASCADE, db_index=False)
    account = models.CharField(max_length=150)
    server = models.CharField(max_length=36)
    seen_at = models.DateTimeField()

    class Meta:
        """An account is at a server once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "account", "server"], name="presence_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["server"], name="presence_of_server"),
        ]

    def __str__(self) -> str:
        """Give the account."""
        return self.account
