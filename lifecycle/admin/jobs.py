"""Audit pages of compile jobs and of the toolchains that the workers report."""

from django.contrib import admin

from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import ReadOnlyAdmin, WorldScopedAdmin
from lifecycle.models.jobs import CompileJob, ToolchainReport


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


@admin.register(ToolchainReport)
class ToolchainReportAdmin(ReadOnlyAdmin):
    """What the workers said of their toolchains."""

    list_display = ("name", "available", "version", "problem", "reported_at")
    ordering = ("name",)
