"""Accounts: made, changed and deactivated here, never deleted, since decisions name them."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin


class AccountAdmin(_UserAdmin):
    """Django's account pages without the one that deletes."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse: an account is deactivated."""
        return False


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, AccountAdmin)
