"""Worlds, who belongs to them, and the tokens of their agents."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class World(models.Model):
    """One simulator instance. `origin_id` is in its first event; a copy shares it, not the slug.

    `founded_by` is the account that founded it, where no operator's command did.

    `fault_code` and `fault_seq` say what the last check found wrong with its history, `fault_at`
    when. All are null where no fault is known, `fault_seq` also where the journal is whole and the
    tables differ from it.
    """

    slug = models.SlugField(max_length=64, unique=True)
    origin_id = models.CharField(max_length=36)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True, blank=True)
    founded_by = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    fault_seq = models.BigIntegerField(null=True, blank=True)
    fault_code = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    fault_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Worlds are listed by their slugs, and counted by who founded them."""

        ordering: ClassVar[list[str]] = ["slug"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["founded_by"], name="world_of_founder"),
        ]

    def __str__(self) -> str:
        """Give the slug."""
        return self.slug


class Role(models.TextChoices):
    """What a member of a world may do; each later one may do more, but for the auditor."""

    AUDITOR = "auditor", "Auditor"
    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    MAINTAINER = "maintainer", "Maintainer"


class Membership(models.Model):
    """An account's role in a world.

    `acts_for` is a JSON list of the agents that an operator may act for, or absent for all.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, related_name="memberships")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    role = models.CharField(max_length=16, choices=Role.choices)
    acts_for = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty

    class Meta:
        """An account has one role in a world, limited to some agents or not at all."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "account"], name="membership_once"),
            # A blank would be neither a list nor the absence of one.
            models.CheckConstraint(condition=~models.Q(acts_for=""), name="limit_not_blank"),
        ]

    def __str__(self) -> str:
        """Give the account and its role."""
        return f"{self.account} is {self.role} of {self.world}"


class AgentToken(models.Model):
    """A bearer token of an agent: its keyed digest and a short prefix, never the token.

    One that was replaced may go on until `ends_at`; one that was revoked ended at `revoked_at`.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, related_name="tokens")
    agent_id = models.CharField(max_length=128)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    last_used_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Tokens are looked up by world and agent when they are listed or revoked."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "agent_id"], name="token_of_agent"),
        ]

    def __str__(self) -> str:
        """Give the prefix, which is all that is kept of the token."""
        return f"{self.prefix}… of {self.agent_id}"
