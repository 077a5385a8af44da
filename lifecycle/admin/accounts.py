"""Accounts: made, changed and deactivated here.

Never deleted or renamed: decisions and changes name them, and another could take the name.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin


class AccountAdmin(_UserAdmin):
    """Django's account pages without the one that deletes, and with names that stay."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse: an account is deactivated."""
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> "list[str] | tuple[Any, ...]":
        """Show the name of an account that there is, as it stays."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "username")


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, AccountAdmin)
