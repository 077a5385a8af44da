"""What an account may be called, whoever makes it: a name that nobody can take for another's."""

from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

LONGEST_NAME: Final = 64
NAME_RULE: Final = "1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit"
_validator: Final = RegexValidator(
    rf"\A[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}\Z", f"Use {NAME_RULE}."
)


def require_account_name(name: str) -> None:
    """Refuse a name that breaks the grammar, or differs from a taken one by case alone.

    Raises:
        ValidationError: it does.
    """
    _validator(name)
    if User.objects.filter(username__iexact=name).exists():
        raise ValidationError("This name is taken. Choose another one.", code="taken")
