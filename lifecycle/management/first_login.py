"""The first administrator: made at the first start, with a password that only this machine knows.

The password is kept, readable by the service's owner alone, until somebody changes it.
"""

import secrets
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User

from lifecycle.management.private_files import read_private, write_private

NAME: Final = "admin"


def first_login() -> str:
    """Make the first administrator where there is none, and say how to log in."""
    path: Path = settings.ENVIRONMENT.data / "first-login"
    if not User.objects.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(9)
        # The file first: a start that is cut off here must not leave an unknown password behind.
        write_private(path, password)
        User.objects.create_superuser(NAME, password=password)
    return _how_to_log_in(path)


def _how_to_log_in(path: Path) -> str:
    password = read_private(path)
    account = User.objects.filter(username=NAME, is_superuser=True).first()
    if account is not None and password is not None and account.check_password(password):
        return f"{NAME} / {password}"
    path.unlink(missing_ok=True)
    named = account or User.objects.filter(is_superuser=True).order_by("pk").first()
    name = NAME if named is None else named.get_username()
    return f"{name}, with your password (forgotten? manage.py changepassword {name})"
