"""`add_agent`: add an agent to a world and print its token."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.worlds import add_agent


class Command(OperatorCommand):
    """Add an agent to a world."""

    help = (
        "Add an agent to a world and print its token, alone, on standard output. The token is "
        "shown this once; `replace_token` gives another."
    )
    example = "add_agent harbour scout --at lighthouse\nadd_agent harbour scout > scout.token"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world, the agent's id and where it starts."""
        add_world(parser)
        parser.add_argument(
            "agent", help="The new agent's id: letters, digits, . _ and -; at most 128."
        )
        parser.add_argument("--at", metavar="LOCATION", help="Where it starts; nowhere if absent.")

    def work(self, options: Namespace) -> None:
        """Add it and print the token."""
        token = add_agent(options.world, options.agent, at=options.at)
        if options.json:
            self.tell_json(
                {
                    "world": options.world,
                    "agent_id": options.agent,
                    "location_id": options.at,
                    "token": token,
                }
            )
        else:
            self.tell(token)
