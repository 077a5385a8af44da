"""Audit pages of worlds, members and tokens."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from lifecycle.access.callers import SeenWorld
from lifecycle.access.roles import audited_worlds
from lifecycle.admin.asking import ask_for_check, ask_for_checkpoint
from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import ReadOnlyAdmin, WorldScopedAdmin
from lifecycle.models.audits import CheckJob
from lifecycle.models.worlds import AgentToken, Membership, World
from lifecycle.usecases.queries.audits import checkpoints_page, checks_page
from lifecycle.usecases.queries.documents import Document

_LISTED: Final = 5


@admin.register(World)
class WorldAdmin(ReadOnlyAdmin):
    """Worlds and where their journals end."""

    list_display = (
        "slug",
        "name",
        "head_seq",
        "tick",
        "head_hash",
        "created_at",
        "imported_at",
        "fault_code",
    )
    list_select_related = ("journalhead",)
    search_fields = ("slug__exact", "name__exact", "origin_id__exact")
    search_help_text = "A world's slug, its name, or its id."
    ordering = ("slug",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the worlds that the account may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(pk__in=audited_worlds(request.user))

    @admin.display(description="events")
    def head_seq(self, world: World) -> int:
        """Give the place of the last event."""
        return world.journalhead.seq

    @admin.display
    def tick(self, world: World) -> int:
        """Give the world's clock."""
        return world.journalhead.tick

    @admin.display
    def head_hash(self, world: World) -> str:
        """Give the hash of the last event."""
        return world.journalhead.hash

    def get_urls(self) -> list[URLPattern]:
        """Add what an auditor asks for."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/check/", view(require_POST(self.check_world)), name="audit_check_world"),
            path("<int:pk>/sign/", view(require_POST(self.sign_world)), name="audit_sign_world"),
            *super().get_urls(),
        ]

    def check_world(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the worker check a world or a range of it."""
        back = reverse("admin:lifecycle_world_change", args=[pk])
        return ask_for_check(request, self._seen(request, pk), back)

    def sign_world(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign where a world stands."""
        back = reverse("admin:lifecycle_world_change", args=[pk])
        return ask_for_checkpoint(request, self._seen(request, pk), back)

    def _seen(self, request: HttpRequest, pk: int) -> SeenWorld:
        world = self.get_queryset(request).filter(pk=pk).first()
        if world is None:
            raise Http404
        return SeenWorld(world.pk, world.slug)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a world with its last checks and checkpoints."""
        world = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if world is not None:
            seen = SeenWorld(world.pk, world.slug)
            shown = {
                "world": world,
                "checks": _with_pages(checks_page(seen, limit=_LISTED).rows),
                "checkpoints": checkpoints_page(seen, limit=_LISTED).rows,
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})


def _with_pages(checks: list[Document]) -> list[Document]:
    """Add to each check the key of its page in the audit."""
    ids = [check["id"] for check in checks]
    keys = dict(CheckJob.objects.filter(check_id__in=ids).values_list("check_id", "pk"))
    return [{**check, "pk": keys[check["id"]]} for check in checks]


@admin.register(Membership)
class MembershipAdmin(WorldScopedAdmin):
    """Who may do what in which world.

    Set on the page of the world's team alone: it keeps a maintainer in the world, notes each
    change, and stops the runs of who leaves.
    """

    list_display = ("account", "role", "world", "team")
    list_select_related = ("world", "account")
    list_filter = (WorldFilter, "role")
    search_fields = ("account__username__exact",)
    search_help_text = "An account."

    @admin.display(description="changed on")
    def team(self, membership: Membership) -> str:
        """Lead to the page that changes the membership."""
        place = reverse("team", args=[membership.world.slug])
        return format_html('<a href="{}">Team of {}</a>', place, membership.world.slug)


@admin.register(AgentToken)
class AgentTokenAdmin(WorldScopedAdmin):
    """Tokens by their first characters; nothing that would help to use one."""

    list_display = ("prefix", "agent_id", "world", "created_at", "revoked_at")
    list_filter = (WorldFilter,)
    search_fields = ("agent_id__exact", "prefix__exact")
    search_help_text = "An agent, or the first characters of a token as they are shown."
    exclude = ("digest",)
