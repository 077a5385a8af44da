"""`fork`: a new world with the past of another, up to a place."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.management.commands.verify import progress_bar
from lifecycle.usecases.forking import fork_world


class Command(OperatorCommand):
    """Fork a world."""

    help = (
        "Make a new world whose journal is another's up to an event, byte for byte, each event "
        "checked on the way. What comes later is not read, so a world that is broken there goes "
        "on as its fork. Agents get no tokens (see `replace_token`), and nobody is a member yet."
    )
    example = "fork harbour --as harbour-2\nfork harbour --at 1041 --as harbour-mended"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world, the place and the new slug."""
        add_world(parser)
        parser.add_argument(
            "--at", type=int, metavar="SEQ", help="The last common event; the head if absent."
        )
        parser.add_argument(
            "--as", dest="as_slug", required=True, metavar="SLUG", help="The new world's slug."
        )

    def work(self, options: Namespace) -> None:
        """Fork, and say what came of it."""
        with progress_bar() as progress:
            forked = fork_world(
                options.world, at=options.at, as_slug=options.as_slug, progress=progress
            )
        if options.json:
            self.tell_json(forked._asdict())
        else:
            self.tell(
                f"Forked {options.world} after event {forked.events} as the world {forked.world}.\n"
                f"head hash     {forked.head_hash}\n"
                f"state digest  {forked.state_digest}"
            )
