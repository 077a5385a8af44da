"""Audit pages of decisions: who sent what for whom, and what became of it."""

from django.contrib import admin

from lifecycle.admin.filters import SubmittedDaysFilter, SubmittedFilter, WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin, second_of
from lifecycle.models.decisions import Decision


@admin.register(Decision)
class DecisionAdmin(WorldScopedAdmin):
    """Decisions, the last submitted first."""

    list_display = (
        "submitted",
        "world",
        "agent_id",
        "kind",
        "status",
        "first_seq",
        "account",
        "channel",
    )
    list_filter = (WorldFilter, "status", SubmittedFilter, SubmittedDaysFilter)
    search_fields = (
        "decision_id__exact",
        "agent_id__exact",
        "account__exact",
        "kind__exact",
        "body_digest__exact",
    )
    search_help_text = "An agent, an account, a kind, the id of a decision, or a body's digest."

    @admin.display
    def submitted(self, decision: Decision) -> str:
        """Give the second at which a decision came."""
        return second_of(decision.submitted_at)
