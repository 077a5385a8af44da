"""Audit pages of the journal: every event with its hash. Verifying it is `verify`'s."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from lifecycle.admin.filters import EventKindFilter, RecordedDaysFilter, RecordedFilter, WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.core.ids import is_id
from lifecycle.models.decisions import Decision
from lifecycle.models.journal import JournalEvent


@admin.register(JournalEvent)
class JournalEventAdmin(WorldScopedAdmin):
    """Events, the last recorded first."""

    list_display = ("seq", "world", "tick", "kind", "recorded_at", "hash")
    list_filter = (WorldFilter, EventKindFilter, RecordedFilter, RecordedDaysFilter)
    search_fields = ("hash__exact", "prev_hash__exact", "kind__exact", "decision_id__exact")
    search_help_text = (
        "A hash in any spelling, or its first 6 digits; a kind; an agent that decided; or the id "
        "of a decision."
    )
    fields = (
        "world",
        "seq",
        "tick",
        "kind",
        "decision_id",
        "recorded_at",
        "prev_hash",
        "hash",
        "body",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Search; an agent is found by its decisions, whose ids are in their events."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if not is_id(search_term.strip()):
            return found, duplicates
        decided = Decision.objects.filter(
            world=OuterRef("world"),
            decision_id=OuterRef("decision_id"),
            agent_id=search_term.strip(),
        )
        return found | queryset.filter(Exists(decided)), duplicates
