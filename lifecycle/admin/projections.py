"""Audit pages of artifacts, owners and installed modules; the journal decides what they say."""

from django.contrib import admin

from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.models.projections import Artifact, InstalledModule, Publication


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
    search_help_text = "A hash in any spelling, an agent, or a module."


@admin.register(Publication)
class PublicationAdmin(WorldScopedAdmin):
    """Who owns which artifact, since which event."""

    list_display = ("wasm_hash", "agent_id", "world", "seq", "tick")
    list_filter = (WorldFilter,)
    search_fields = ("wasm_hash__exact", "agent_id__exact")
    search_help_text = "A hash in any spelling, or an agent."


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
    search_help_text = "A module, a hash in any spelling, or an agent."
