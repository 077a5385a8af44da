"""Audit pages of invitations, and of what was changed in a world outside of its journal."""

from django.contrib import admin

from lifecycle.admin.filters import WorldFilter
from lifecycle.admin.readonly import WorldScopedAdmin
from lifecycle.models.teams import Invitation, WorldChange


@admin.register(WorldChange)
class WorldChangeAdmin(WorldScopedAdmin):
    """Changes of members, invitations, tokens and settings: who, when, before and after."""

    list_display = (
        "changed_at",
        "world",
        "subject",
        "name",
        "before",
        "after",
        "account",
        "channel",
    )
    list_filter = (WorldFilter, "subject", "channel")
    search_fields = ("account__exact", "name__exact")
    search_help_text = "An account, or the exact name of what was changed."


@admin.register(Invitation)
class InvitationAdmin(WorldScopedAdmin):
    """Invitations by their first characters; nothing that would help to use one."""

    list_display = (
        "prefix",
        "world",
        "role",
        "invited_by",
        "created_at",
        "expires_at",
        "used_at",
        "used_by",
        "revoked_at",
    )
    list_filter = (WorldFilter, "role")
    search_fields = ("prefix__exact", "invited_by__exact", "used_by__exact")
    search_help_text = "The first characters of a code as they are shown, or an account."
    exclude = ("digest",)
