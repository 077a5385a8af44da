"""`create_world`: found a world. The rules stand in the use case."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand
from lifecycle.usecases.worlds import create_world


class Command(OperatorCommand):
    """Found a world."""

    help = "Found a world: an empty place with its own journal. Add locations and agents next."
    example = "create_world harbour"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the slug."""
        parser.add_argument(
            "slug", help="The world's name in addresses: letters, digits, _ and -; at most 64."
        )

    def work(self, options: Namespace) -> None:
        """Found it and say so."""
        world = create_world(options.slug)
        if options.json:
            self.tell_json({"world": world.slug, "world_id": world.origin_id})
        else:
            self.tell(f"Founded the world {world.slug}.")
