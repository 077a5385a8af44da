"""Audit pages of artifacts, owners and installed modules; the journal decides what they say."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from lifecycle.access.callers import SeenWorld
from lifecycle.access.roles import audited_worlds
from lifecycle.admin.asking import ask_for_check
from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.admin.tables import csv_response
from lifecycle.models.projections import Artifact, Install, InstalledModule, Publication

_OWNER_COLUMNS: Final = (
    "world",
    "wasm_hash",
    "owner_agent_id",
    "first_publisher_agent_id",
    "bytes_len",
    "module_id_hint",
    "seq",
    "tick",
)
_CHUNK: Final = 2000


@admin.register(Artifact)
class ArtifactAdmin(WorldScopedAdmin):
    """Artifacts by their hash."""

    list_display = (
        "wasm_hash",
        "world",
        "publisher_agent_id",
        "bytes_len",
        "module_id_hint",
        "deployed_at_tick",
        "deployed_seq",
    )
    list_filter = (WorldFilter,)
    search_fields = ("wasm_hash__exact", "publisher_agent_id__exact", "module_id_hint__exact")
    search_help_text = "A hash in any spelling, or its first 6 digits; an agent; or a module."

    def get_urls(self) -> list[URLPattern]:
        """Add what an auditor asks for."""
        check = self.admin_site.admin_view(require_POST(self.check_artifact))
        return [path("<int:pk>/check/", check, name="audit_check_artifact"), *super().get_urls()]

    def check_artifact(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the worker check one artifact."""
        artifact = self.get_queryset(request).filter(pk=pk).first()
        if artifact is None:
            raise Http404
        world = SeenWorld(artifact.world_id, artifact.world.slug)
        back = reverse("admin:lifecycle_artifact_change", args=[pk])
        return ask_for_check(request, world, back, artifact.wasm_hash)


@admin.register(Publication)
class PublicationAdmin(WorldScopedAdmin):
    """Who owns which artifact, since which event."""

    list_display = ("wasm_hash", "agent_id", "world", "seq", "tick")
    list_filter = (WorldFilter,)
    search_fields = ("wasm_hash__exact", "agent_id__exact")
    search_help_text = "A hash in any spelling, or its first 6 digits; or an agent."

    def get_urls(self) -> list[URLPattern]:
        """Add the table of owners and hashes."""
        table = self.admin_site.admin_view(require_safe(self.table))
        return [path("csv/", table, name="audit_owners_csv"), *super().get_urls()]

    def table(self, request: HttpRequest) -> StreamingHttpResponse:
        """Give the rows that the list shows under the same search and filters, all of them.

        Raises:
            Http404: they ask for a world that is not the account's, or for what is no condition.
        """
        slug = request.GET.get(WorldFilter.parameter_name)
        worlds = audited_worlds(request.user).values_list("slug", flat=True)
        if slug is not None and slug not in set(worlds):
            raise Http404
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as error:
            raise Http404 from error
        return csv_response("owners", _OWNER_COLUMNS, _owners(rows))


@admin.register(InstalledModule)
class InstalledModuleAdmin(WorldScopedAdmin):
    """What each module id is bound to now."""

    list_display = (
        "module_id",
        "module_version",
        "world",
        "wasm_hash",
        "installer_agent_id",
        "active",
        "installed_at_tick",
        "installed_seq",
    )
    list_filter = (WorldFilter, "active")
    search_fields = ("module_id__exact", "wasm_hash__exact", "installer_agent_id__exact")
    search_help_text = "A module; a hash in any spelling, or its first 6 digits; or an agent."


@admin.register(Install)
class InstallAdmin(WorldScopedAdmin):
    """Every install there was, whether or not a later one took its place."""

    list_display = (
        "seq",
        "world",
        "module_id",
        "module_version",
        "wasm_hash",
        "installer_agent_id",
        "active",
        "tick",
    )
    list_filter = (WorldFilter, "active")
    search_fields = ("module_id__exact", "wasm_hash__exact", "installer_agent_id__exact")
    search_help_text = "A module; a hash in any spelling, or its first 6 digits; or an agent."


def _owners(rows: "QuerySet[Any]") -> Iterator[tuple[object, ...]]:
    artifacts = Artifact.objects.filter(world=OuterRef("world"), wasm_hash=OuterRef("wasm_hash"))
    told = {
        f"artifact_{name}": Subquery(artifacts.values(name)[:1])
        for name in ("publisher_agent_id", "bytes_len", "module_id_hint")
    }
    columns = ("world__slug", "wasm_hash", "agent_id", *told, "seq", "tick")
    yield from rows.annotate(**told).values_list(*columns).iterator(_CHUNK)
