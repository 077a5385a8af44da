"""Audit pages of checks, their results, and signed checkpoints with their keys."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from lifecycle.access.callers import SeenWorld
from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import ReadOnlyAdmin, WorldScopedAdmin
from lifecycle.codec.notes import PublicKey
from lifecycle.models.audits import CheckJob, Checkpoint, CheckpointKey, CheckResult
from lifecycle.usecases.queries.audits import get_check


@admin.register(CheckJob)
class CheckJobAdmin(WorldScopedAdmin):
    """Checks, the last asked for first; one's page shows how far it is and what it found."""

    list_display = (
        "asked_at",
        "world",
        "what",
        "found",
        "account",
        "channel",
    )
    list_filter = (WorldFilter, "state")
    search_fields = ("check_id__exact", "account__exact", "wasm_hash__exact")
    search_help_text = "The id of a check, an account, or an artifact's hash in any spelling."
    exclude = ("lease_token",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the checks with what they found."""
        results = CheckResult.objects.filter(check_id=OuterRef("check_id"))
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                result_ok=Subquery(results.values("ok")[:1]),
                result_checks=Subquery(results.values("checks")[:1]),
                result_fault=Subquery(results.values("fault_seq")[:1]),
            )
        )
        return rows

    @admin.display
    def found(self, job: Any) -> str:  # noqa: ANN401 - a row with what was annotated
        """Say what came out, or how far the check is."""
        result = {"ok": job.result_ok, "checks": job.result_checks}
        fault = None if job.result_fault is None else {"seq": job.result_fault}
        check = {"state": job.state, "result": {**result, "fault": fault}}
        return render_to_string("admin/lifecycle/checkjob/_mark.html", {"check": check})

    @admin.display
    def what(self, job: CheckJob) -> str:
        """Say what is checked."""
        if job.wasm_hash is not None:
            return f"artifact {job.wasm_hash[:12]}…"
        return f"events {job.from_seq} to {job.to_seq or 'the head'}"

    def get_urls(self) -> list[URLPattern]:
        """Add what the page of a running check asks for every second."""
        live = self.admin_site.admin_view(require_safe(self.live))
        return [
            path("<int:pk>/live/", live, name="lifecycle_checkjob_live"),
            *super().get_urls(),
        ]

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far a check is, without the page around it."""
        job = self.get_queryset(request).filter(pk=pk).first()
        if job is None:
            return HttpResponse(status=404)
        return render(request, "admin/lifecycle/checkjob/_check.html", _context(job))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a check and its result in words."""
        job = self.get_object(request, object_id)
        shown = {} if job is None else _context(job)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})


def _context(job: CheckJob) -> dict[str, Any]:
    world = SeenWorld(job.world_id, job.world.slug)
    return {"job": job, "check": get_check(world, job.check_id), "world": job.world}


@admin.register(CheckResult)
class CheckResultAdmin(WorldScopedAdmin):
    """What checks found, kept for ever."""

    list_display = (
        "checked_at",
        "world",
        "ok",
        "fault_seq",
        "fault_code",
        "differing_tables",
        "from_seq",
        "to_seq",
        "head_seq",
        "account",
        "duration_ms",
        "head_hash",
        "wasm_hash",
    )
    list_filter = (WorldFilter, "ok")
    search_fields = (
        "check_id__exact",
        "account__exact",
        "fault_code__exact",
        "head_hash__exact",
        "state_digest__exact",
        "wasm_hash__exact",
    )
    search_help_text = "A hash or digest in any spelling, an account, a code, or a check's id."


@admin.register(Checkpoint)
class CheckpointAdmin(WorldScopedAdmin):
    """Signed checkpoints, newest first, each to take away."""

    list_display = ("made_at", "world", "seq", "head_hash", "state_digest", "key_id", "account")
    list_filter = (WorldFilter,)
    search_fields = ("head_hash__exact", "state_digest__exact", "key__key_id__exact")
    search_help_text = "A hash or digest in any spelling, or the id of a key."


@admin.register(CheckpointKey)
class CheckpointKeyAdmin(ReadOnlyAdmin):
    """The public keys of checkpoints; the private one has no page."""

    list_display = ("key_id", "name", "verifier", "first_used_at")
    fields = ("key_id", "name", "verifier", "first_used_at")
    readonly_fields = ("verifier",)
    search_fields = ("key_id__exact",)
    search_help_text = "The id of a key."
    ordering = ("-first_used_at",)

    @admin.display(description="key, as verifiers of signed notes take it")
    def verifier(self, row: CheckpointKey) -> str:
        """Give the key as one line."""
        return PublicKey(row.name, row.public_bytes).vkey
