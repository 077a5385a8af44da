"""Audit pages of compile jobs, rebuilds, and the toolchains that the workers report."""

from django.contrib import admin

from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import ReadOnlyAdmin, WorldScopedAdmin
from lifecycle.models.jobs import CompileJob, Rebuild, ToolchainReport


@admin.register(CompileJob)
class CompileJobAdmin(WorldScopedAdmin):
    """Compiles, the last requested first; the token of a lease is not shown."""

    list_display = (
        "request_seq",
        "world",
        "publisher_agent_id",
        "module_id",
        "toolchain",
        "state",
        "attempts",
        "requested_at",
        "finished_at",
        "failure_code",
    )
    list_filter = (WorldFilter, "state", "toolchain")
    search_fields = (
        "publisher_agent_id__exact",
        "module_id__exact",
        "wasm_hash__exact",
        "source_digest__exact",
        "decision_id__exact",
    )
    search_help_text = "An agent, a module, a hash or a digest in any spelling, or a decision's id."
    exclude = ("lease_token",)


@admin.register(Rebuild)
class RebuildAdmin(WorldScopedAdmin):
    """Artifacts compiled again to compare, the last asked for first; no lease is shown."""

    list_display = (
        "wasm_hash",
        "world",
        "account",
        "state",
        "outcome",
        "rebuilt_hash",
        "toolchain",
        "failure_code",
        "requested_at",
        "finished_at",
    )
    list_filter = (WorldFilter, "state", "outcome")
    search_fields = ("wasm_hash__exact", "rebuilt_hash__exact", "account__exact")
    search_help_text = "A hash in any spelling, or its first 6 digits; or an account."
    exclude = ("lease_token",)


@admin.register(ToolchainReport)
class ToolchainReportAdmin(ReadOnlyAdmin):
    """What the workers said of their toolchains."""

    list_display = ("name", "available", "version", "problem", "reported_at")
    ordering = ("name",)
