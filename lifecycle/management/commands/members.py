"""`members`: list who belongs to a world."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.access.callers import get_any_world
from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.queries.teams import members_of


class Command(OperatorCommand):
    """List the members of a world."""

    help = "List the accounts that belong to a world, with their roles. Superusers see every world."
    example = "members harbour\nmembers harbour --json"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world."""
        add_world(parser)

    def work(self, options: Namespace) -> None:
        """Print them."""
        members = members_of(get_any_world(options.world))
        if options.json:
            self.tell_json({"world": options.world, "members": members})
            return
        for member in members:
            self.tell(f"{member['role']:<11} {member['account']}")
