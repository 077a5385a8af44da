"""What a server or a worker looks at before it starts: every check, those of the database too."""

from django.core import checks
from django.db import DEFAULT_DB_ALIAS

from lifecycle.management.command import OperatorCommand, broken

# The checks of this project alone: Django's own are `manage.py check`'s, and load every page.
_OURS = "worldsim"


def require_sound_start(command: OperatorCommand) -> None:
    """Run the system checks, print the warnings that are ours, and stop at an error.

    Raises:
        CommandError: a check found an error; the sentence names it and what to do.
    """
    found = checks.run_checks(tags=[_OURS], databases=[DEFAULT_DB_ALIAS])
    for message in found:
        if message.is_serious() and not message.is_silenced():
            raise broken(_line_of(message))
    for message in found:
        if not message.is_silenced():
            command.note(_line_of(message))


def _line_of(message: checks.CheckMessage) -> str:
    hint = f" {message.hint}" if message.hint else ""
    return f"{message.id}: {message.msg}{hint}"
