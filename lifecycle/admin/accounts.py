"""Accounts: made, changed and deactivated here.

Never deleted or renamed: decisions and changes name them, and another could take the name.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from lifecycle.access.account_names import require_account_name

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
    _NewAccountForm = AdminUserCreationForm[User]
else:
    _UserAdmin = UserAdmin
    _NewAccountForm = AdminUserCreationForm


class NewAccountForm(_NewAccountForm):
    """A new account, named as those are that sign up."""

    def clean_username(self) -> str:
        """Refuse a name that could be taken for another's."""
        name: str = self.cleaned_data["username"]
        require_account_name(name)
        return name


class AccountAdmin(_UserAdmin):
    """Django's account pages without the one that deletes, and with names that stay."""

    add_form = NewAccountForm

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
