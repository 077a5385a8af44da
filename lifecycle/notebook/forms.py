"""The forms of accounts: what a new one may be called, and its password. No page stands here."""

from typing import TYPE_CHECKING, Final

from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

if TYPE_CHECKING:
    _CreationForm = BaseUserCreationForm[User]
else:
    _CreationForm = BaseUserCreationForm

LONGEST_NAME: Final = 64
NAME_RULE: Final = "1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit"
_name_validator: Final = RegexValidator(
    rf"\A[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}\Z", f"Use {NAME_RULE}."
)


class SignUpForm(_CreationForm):
    """A new account: a name that nobody can take for another's, and a password, twice."""

    def clean_username(self) -> str:
        """Refuse a name that breaks the grammar, or differs from a taken one by case alone."""
        name: str = self.cleaned_data["username"]
        _name_validator(name)
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError("This name is taken. Choose another one.", code="taken")
        return name
