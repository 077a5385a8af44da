"""Audit pages of runs and turns: which model acted for whom, what it said, what it cost."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.models.runs import AgentRun, AgentTurn


@admin.register(AgentRun)
class AgentRunAdmin(WorldScopedAdmin):
    """Runs, the last started first; the token of a lease is not shown."""

    list_display = (
        "run_id",
        "world",
        "agent_id",
        "model",
        "dialect",
        "state",
        "reason",
        "turns_taken",
        "turns_wanted",
        "account",
        "created_at",
        "finished_at",
    )
    list_filter = (WorldFilter, "state", "dialect")
    search_fields = ("run_id__exact", "agent_id__exact", "model__exact", "account__exact")
    search_help_text = "The id of a run, an agent, a model, or an account."
    exclude = ("lease_token",)


@admin.register(AgentTurn)
class AgentTurnAdmin(WorldScopedAdmin):
    """Turns, the last begun first, each with all that its model said."""

    list_display = (
        "number",
        "run_id_shown",
        "world",
        "agent_id",
        "model_name",
        "state",
        "outcome",
        "prompt_digest",
        "prompt_tokens",
        "tokens_in",
        "tokens_out",
        "latency_ms",
        "started_at",
    )
    list_select_related = ("run", "run__world")
    list_filter = ("state", "dialect")
    search_fields = (
        "decision_id__exact",
        "prompt_digest__exact",
        "outcome__exact",
        "run__run_id__exact",
        "run__agent_id__exact",
    )
    search_help_text = (
        "The id of a run or of a decision, a prompt's digest in any spelling, an agent, "
        "or an outcome."
    )
    exclude = ("steps", "cut")
    readonly_fields = ("sections_left_out", "what_was_said")
    world_lookup = "run__world"

    @admin.display(description="run")
    def run_id_shown(self, turn: AgentTurn) -> str:
        """Give the run's id."""
        return turn.run.run_id

    @admin.display
    def world(self, turn: AgentTurn) -> str:
        """Give the world's slug."""
        return turn.run.world.slug

    @admin.display
    def agent_id(self, turn: AgentTurn) -> str:
        """Give the agent that the model acted for."""
        return turn.run.agent_id

    @admin.display(description="model")
    def model_name(self, turn: AgentTurn) -> str:
        """Give the model's name."""
        return turn.run.model

    @admin.display
    def sections_left_out(self, turn: AgentTurn) -> str:
        """Give the sections that the prompt had no room for."""
        return ", ".join(map(str, json.loads(turn.cut)))

    @admin.display(description="calls of the model")
    def what_was_said(self, turn: AgentTurn) -> SafeString:
        """Give the calls of the model as they were kept, as text."""
        return format_html("{}", json.dumps(json.loads(turn.steps), indent=2, ensure_ascii=False))
