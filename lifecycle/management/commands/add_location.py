"""`add_location`: add a place to a world."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.worlds import add_location


class Command(OperatorCommand):
    """Add a place to a world."""

    help = "Add a place to a world; agents can then move there."
    example = "add_location harbour lighthouse"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the place's id."""
        add_world(parser)
        parser.add_argument(
            "location", help="The new place's id: letters, digits, . _ and -; at most 128."
        )

    def work(self, options: Namespace) -> None:
        """Add it and say where in the journal that stands."""
        appended = add_location(options.world, options.location)
        facts = {"world": options.world, "location_id": options.location}
        if options.json:
            self.tell_json({**facts, "seq": appended.recorded.seq, "hash": appended.hash})
        else:
            self.tell(f"Added the location {options.location} to {options.world}.")
