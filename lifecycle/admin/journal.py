"""Audit pages of the journal: every event with its hash. Verifying it is `verify`'s."""

from django.contrib import admin

from lifecycle.admin.filters import EventKindFilter, RecordedFilter, WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.models.journal import JournalEvent


@admin.register(JournalEvent)
class JournalEventAdmin(WorldScopedAdmin):
    """Events, the last recorded first."""

    list_display = ("seq", "world", "tick", "kind", "recorded_at", "hash")
    list_filter = (WorldFilter, EventKindFilter, RecordedFilter)
    search_fields = ("hash__exact", "prev_hash__exact", "kind__exact", "decision_id__exact")
    search_help_text = "A hash in any spelling, a kind, or the id of a decision."
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
