"""`rebuild`: derive a world's tables from its journal again."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world, broken
from lifecycle.management.commands.verify import progress_bar, report_lines, verdict_of
from lifecycle.usecases.proofs import report_document
from lifecycle.usecases.verify import rebuild_world


class Command(OperatorCommand):
    """Derive a world's tables from its journal again."""

    help = (
        "Drop the tables that are derived from a world's journal, derive them again, and verify. "
        "A broken journal changes nothing. The world takes no decisions meanwhile."
    )
    example = "rebuild harbour"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world."""
        add_world(parser)

    def work(self, options: Namespace) -> None:
        """Rebuild, print the report of the check that follows, and fail where it is not well."""
        with progress_bar() as progress:
            report = rebuild_world(options.world, progress=progress)
        if options.json:
            self.tell_json(report_document(report))
        else:
            self.tell("\n".join(report_lines(report)))
        if not report.ok:
            raise broken(verdict_of(report))
