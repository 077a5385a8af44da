"""Who may come into a world and what its maintainers set there, with a record of each change.

Members and tokens themselves stand in `worlds`.
"""

from typing import ClassVar

from django.db import models

from lifecycle.models.append_only import AppendOnlyModel
from lifecycle.models.worlds import Role, World


class Subject(models.TextChoices):
    """What a maintainer can change in a world, besides its journal."""

    MEMBER = "member"
    INVITATION = "invitation"
    TOKEN = "token"  # noqa: S105 - a word, no token
    SETTING = "setting"


class WorldChange(AppendOnlyModel):
    """What somebody changed in a world outside of its journal: who, when, before and after.

    `name` says which of the subject: an account, the prefix of an invitation, an agent with the
    prefix of its token, a setting. `before` and `after` are short texts, absent where there is
    none.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    changed_at = models.DateTimeField()
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    channel = models.CharField(max_length=16)
    subject = models.CharField(max_length=16, choices=Subject.choices)
    name = models.CharField(max_length=200)
    before = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty
    after = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty

    class Meta:
        """Changes are listed by world, newest first."""

        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="change_of_world"),
        ]

    def __str__(self) -> str:
        """Give the subject and its name."""
        return f"{self.subject} {self.name}"


class Invitation(models.Model):
    """A place in a world for whoever has the code: its keyed digest and prefix, never the code."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    invitation_id = models.CharField(max_length=36, unique=True)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    note = models.CharField(max_length=254, blank=True)
    invited_by = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Invitations are listed by world, newest first."""

        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="invitation_of_world"),
        ]

    def __str__(self) -> str:
        """Give the prefix, which is all that is kept of the code."""
        return f"{self.prefix}…"


class WorldSettings(models.Model):
    """What a world allows of what the service allows.

    `limits` is a JSON object from a limit's name to its maximum; `wasm_features` a JSON list, or
    absent where every feature of the service is allowed.
    """

    world = models.OneToOneField(World, on_delete=models.PROTECT, primary_key=True)
    title = models.CharField(max_length=80, blank=True)
    limits = models.TextField(default="{}")
    wasm_features = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty

    def __str__(self) -> str:
        """Give the title."""
        return self.title


class Allowance(models.Model):
    """How much of a rate is used up, by a digest of what is limited.

    `full_at_ms` is when all of it is there again, in milliseconds since 1970: one number that any
    process moves on by one statement.
    """

    key = models.CharField(max_length=64, primary_key=True)
    full_at_ms = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        """Give the key."""
        return self.key
