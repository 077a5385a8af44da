"""Audit pages of worlds, members and tokens. Only memberships can be written, by superusers."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from lifecycle.access.roles import audited_worlds
from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import ReadOnlyAdmin, WorldScopedAdmin
from lifecycle.models.worlds import AgentToken, Membership, World


@admin.register(World)
class WorldAdmin(ReadOnlyAdmin):
    """Worlds and where their journals end."""

    list_display = ("slug", "name", "head_seq", "tick", "head_hash", "created_at", "imported_at")
    list_select_related = ("journalhead",)
    search_fields = ("slug__exact", "name__exact", "origin_id__exact")
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


@admin.register(Membership)
class MembershipAdmin(WorldScopedAdmin):
    """Who may do what in which world: the one table that superusers write here."""

    list_display = ("account", "role", "world")
    list_select_related = ("world", "account")
    list_filter = (WorldFilter, "role")
    search_fields = ("account__username__exact",)
    autocomplete_fields = ("account",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say whether the account is a superuser."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Say whether the account is a superuser."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Say whether the account is a superuser: a membership ends, an account does not."""
        return bool(getattr(request.user, "is_superuser", False))


@admin.register(AgentToken)
class AgentTokenAdmin(WorldScopedAdmin):
    """Tokens by their first characters; nothing that would help to use one."""

    list_display = ("prefix", "agent_id", "world", "created_at", "revoked_at")
    list_filter = (WorldFilter,)
    search_fields = ("agent_id__exact", "prefix__exact")
    exclude = ("digest",)
