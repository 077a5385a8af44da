"""The forms of accounts: what a new one may be called, and its password. No page stands here."""

from typing import TYPE_CHECKING

from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User

from lifecycle.access.account_names import require_account_name

if TYPE_CHECKING:
    _CreationForm = BaseUserCreationForm[User]
else:
    _CreationForm = BaseUserCreationForm


class SignUpForm(_CreationForm):
    """A new account: a name that nobody can take for another's, and a password, twice."""

    def clean_username(self) -> str:
        """Refuse a name that could be taken for another's."""
        name: str = self.cleaned_data["username"]
        require_account_name(name)
        return name
