"""`checkpoint`: sign where a world's journal stands (docs/checkpoints.md)."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.queries.audits import checkpoint_document
from lifecycle.usecases.worlds import COMMAND


class Command(OperatorCommand):
    """Sign where a world's journal stands."""

    help = (
        "Sign the place and the hash of a world's last event, and print the checkpoint. Who keeps "
        "it can prove later, by `verify --checkpoint`, that history was only added to."
    )
    example = "checkpoint harbour > harbour.checkpoint"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world."""
        add_world(parser)

    def work(self, options: Namespace) -> None:
        """Sign and print."""
        made = make_checkpoint(options.world, channel=COMMAND)
        if options.json:
            self.tell_json(checkpoint_document(made))
        else:
            self.stdout.write(made.note, ending="")
