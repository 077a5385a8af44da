"""What a server or a worker looks at before it starts: every check, those of the database too."""

from django.core import checks
from django.db import DEFAULT_DB_ALIAS

from lifecycle.management.command import OperatorCommand, broken

# Only of this project: Django's own advice about deployment is `check --deploy`'s.
_OURS = "worldsim."


def require_sound_start(command: OperatorCommand) -> None:
    """Run the system checks, print the warnings that are ours, and stop at an error.

    Raises:
        CommandError: a check found an error; the sentence names it and what to do.
    """
    found = checks.run_checks(databases=[DEFAULT_DB_ALIAS])
    for message in found:
        if message.is_serious() and not message.is_silenced():
            raise broken(_line_of(message))
    for message in found:
        if str(message.id).startswith(_OURS) and not message.is_silenced():
            command.note(_line_of(message))


def _line_of(message: checks.CheckMessage) -> str:
    hint = f" {message.hint}" if message.hint else ""
    return f"{message.id}: {message.msg}{hint}"
