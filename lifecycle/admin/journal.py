"""Audit pages of the journal: every event with its hash. Verifying it is `verify`'s."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from lifecycle.access.roles import audited_worlds
from lifecycle.admin.filters import EventKindFilter, RecordedDaysFilter, RecordedFilter, WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin, any_begins, second_of
from lifecycle.core.ids import beginning_of_hash, is_id
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.journal import JournalEvent
from lifecycle.models.projections import Install, Publication

# Which tables tell of an event what it is about: where it stands in them, and the hashes there.
_TELLING: Final[tuple[tuple[type[Model], str, tuple[str, ...]], ...]] = (
    (Publication, "seq", ("wasm_hash",)),
    (Install, "seq", ("wasm_hash",)),
    (CompileJob, "request_seq", ("wasm_hash", "source_digest")),
)
# Of each table, so that no search asks for more than a database takes.
_MOST_TOLD: Final = 1_000


@admin.register(JournalEvent)
class JournalEventAdmin(WorldScopedAdmin):
    """Events, the last recorded first."""

    list_display = ("seq", "world", "tick", "kind", "recorded", "hash")
    list_filter = (WorldFilter, EventKindFilter, RecordedFilter, RecordedDaysFilter)
    search_fields = ("hash__exact", "prev_hash__exact", "kind__exact", "decision_id__exact")
    search_help_text = (
        "A hash in any spelling, or its first 6 digits: of an event, of bytes that were deployed, "
        "installed or compiled, of sources; a kind; an agent that decided; the id of a decision."
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

    @admin.display(description="recorded")
    def recorded(self, event: JournalEvent) -> str:
        """Give the second at which an event was recorded, and in its title all that is stored."""
        return second_of(event.recorded_at)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Search; what an event is about is found where the projections tell it.

        An agent is found by its decisions, whose ids are in their events.
        """
        found, duplicates = super().get_search_results(request, queryset, search_term)
        beginning = beginning_of_hash(search_term)
        if beginning is not None:
            found |= queryset.filter(_about(beginning, request))
        if not is_id(search_term.strip()):
            return found, duplicates
        decided = Decision.objects.filter(
            world=OuterRef("world"),
            decision_id=OuterRef("decision_id"),
            agent_id=search_term.strip(),
        )
        return found | queryset.filter(Exists(decided)), duplicates


def _about(beginning: str, request: HttpRequest) -> Q:
    """Find what deployed, installed or asked for the bytes or sources of a hash, newest first."""
    worlds = audited_worlds(request.user)
    seqs: dict[int, list[int]] = {}
    for model, seq, hashes in _TELLING:
        rows = model._default_manager.filter(any_begins(hashes, beginning), world__in=worlds)
        newest = rows.order_by("-pk").values_list("world_id", seq)[:_MOST_TOLD]
        for world_pk, place in newest:
            seqs.setdefault(world_pk, []).append(place)
    told = Q(pk__in=[])
    for world_pk, places in seqs.items():
        told |= Q(world_id=world_pk, seq__in=places)
    return told
