"""Runs of agents by models, and their turns. What a turn does is not said here."""

from typing import ClassVar

from django.db import models

from lifecycle.models.worlds import World


class RunState(models.TextChoices):
    """Where a run is. `stopping`: it ends after the turn that is being taken."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


class Dialect(models.TextChoices):
    """How a model is asked for its decision."""

    TOOLS = "tools"
    JSON_SCHEMA = "json_schema"
    TEXT = "text"


class AgentRun(models.Model):
    """A model that acts for an agent, turn by turn.

    Who holds `lease_token` before `lease_expires_at` takes the turn. `faults_in_a_row` counts the
    turns that ended without an answer of the model. A run in the `foreground` is taken by the
    command that started it and never by the queue.
    """

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    run_id = models.CharField(max_length=36, unique=True)
    agent_id = models.CharField(max_length=128)
    model = models.CharField(max_length=200)
    base_url = models.CharField(max_length=500)
    dialect = models.CharField(max_length=16, choices=Dialect.choices)
    strict = models.BooleanField(default=False)
    goal = models.TextField(blank=True)
    turns_wanted = models.PositiveIntegerField()
    turns_taken = models.PositiveIntegerField(default=0)
    faults_in_a_row = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=16, choices=RunState.choices, default=RunState.RUNNING)
    reason = models.CharField(max_length=64, blank=True)
    account = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    foreground = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    enqueued_at = models.DateTimeField()

    class Meta:
        """An agent has one run at a time. Runs are listed by world, and reaped by state."""

        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["world", "agent_id"],
                condition=models.Q(state__in=["running", "stopping"]),
                name="run_of_agent_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "id"], name="run_of_world"),
            models.Index(fields=["state", "id"], name="run_by_state"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.run_id


class TurnState(models.TextChoices):
    """Where a turn is."""

    RUNNING = "running"
    DONE = "done"


class AgentTurn(models.Model):
    """One turn of a run: what was asked, what came, what became of it.

    `cut` and `steps` are JSON texts: the sections left out of the prompt, and one object a call of
    the model. `outcome` is the decision's status, or the code of the fault that there was instead.
    """

    run = models.ForeignKey(AgentRun, on_delete=models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=TurnState.choices, default=TurnState.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    dialect = models.CharField(max_length=16)
    prompt_digest = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    prompt_tokens = models.PositiveIntegerField(default=0)
    cut = models.TextField(default="[]")
    steps = models.TextField(default="[]")
    decision_id = models.CharField(max_length=36, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    outcome = models.CharField(max_length=64, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    latency_ms = models.PositiveIntegerField(default=0)

    class Meta:
        """A run has each turn once. A turn is found by its decision."""

        ordering: ClassVar[list[str]] = ["run", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="turn_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decision_id"], name="turn_of_decision"),
        ]

    def __str__(self) -> str:
        """Give the number."""
        return f"{self.number}"
