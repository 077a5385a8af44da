"""`replace_token`: revoke an agent's tokens and print a new one."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_agent_id, add_world
from lifecycle.usecases.tokens import replace_token


class Command(OperatorCommand):
    """Revoke an agent's tokens and give it a new one."""

    help = (
        "Revoke all tokens of an agent and print a new one, alone, on standard output. Earlier "
        "tokens stop working at once."
    )
    example = "replace_token harbour scout > scout.token"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the agent."""
        add_world(parser)
        add_agent_id(parser)

    def work(self, options: Namespace) -> None:
        """Replace it and print the new one."""
        token = replace_token(options.world, options.agent)
        if options.json:
            self.tell_json({"world": options.world, "agent_id": options.agent, "token": token})
        else:
            self.tell(token)
