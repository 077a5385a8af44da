"""`restore_guard`: make the database's append-only triggers again. What they are is `journal`'s."""

from argparse import Namespace
from typing import Final

from django.db import connection

from lifecycle.journal.triggers import GUARDED_TABLES, restore
from lifecycle.management.command import OperatorCommand

_ADVICE: Final = "Find out who dropped them, and verify every world: it finds what was changed."


class Command(OperatorCommand):
    """Make the triggers again that guard what is written once."""

    help = (
        "Create the triggers anew by which the database refuses to change or delete events, "
        "content and audits, all of them and in one transaction, and name those that were lacking, "
        "switched off or altered. No row is touched. Then verify every world."
    )
    example = "restore_guard\nrestore_guard --json"
    prints_facts = True

    def work(self, options: Namespace) -> None:
        """Make them, and say what had been lacking."""
        lacking = sorted(restore(connection))
        if options.json:
            self.tell_json({"guarded_tables": list(GUARDED_TABLES), "were_lacking": lacking})
        elif lacking:
            self.tell("\n".join(lacking))
        else:
            self.tell("Nothing was lacking.")
        if lacking:
            self.note(_ADVICE)
