"""Every submitted decision: who sent it, what it asked, and what became of it."""

from typing import ClassVar

from django.db import models

from lifecycle.models.worlds import World


class DecisionStatus(models.TextChoices):
    """What became of a decision."""

    APPLIED = "applied"
    COMPILING = "compiling"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    MALFORMED = "malformed"


class Decision(models.Model):
    """One decision. `arguments` and `rejection` are JSON texts; bulk content is a digest there.

    `first_seq` and `last_seq` are the places of its events, both null where it has none.
    `outcome_seq` is the place of a compile's outcome. `prompt_digest` names the prompt that a model
    was given, where one made the decision here.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    decision_id = models.CharField(max_length=36)
    agent_id = models.CharField(max_length=128)
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    channel = models.CharField(max_length=16)
    submitted_at = models.CharField(max_length=27)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    body_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=DecisionStatus.choices)
    arguments = models.TextField()
    repairs = models.TextField()
    rejection = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty
    raw_reply = models.TextField(null=True, blank=True)  # noqa: DJ001 - absent, not empty
    first_seq = models.BigIntegerField(null=True, blank=True)
    last_seq = models.BigIntegerField(null=True, blank=True)
    outcome_seq = models.BigIntegerField(null=True, blank=True)
    prompt_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty

    class Meta:
        """A decision is stored once, and so is a key of an agent."""

        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["decision_id", "world"], name="decision_once"),
            models.UniqueConstraint(
                fields=["world", "agent_id", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="decision_key_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="decision_of_world"),
            models.Index(fields=["world", "agent_id", "id"], name="decision_of_agent"),
            models.Index(fields=["world", "status", "id"], name="decision_by_status"),
            models.Index(fields=["world", "kind", "id"], name="decision_by_kind"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.decision_id
