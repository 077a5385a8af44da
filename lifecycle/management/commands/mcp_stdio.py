"""`mcp_stdio`: serve the tools of one agent over standard input and output.

What is served is the matter of the room `mcp`.
"""

import signal
from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.access.callers import AgentCaller, get_any_world
from lifecycle.core.ids import AgentId
from lifecycle.management.command import OperatorCommand, add_agent_id, add_world, broken
from lifecycle.mcp.stdio import serve_stdio
from lifecycle.protocol.wording import describe
from lifecycle.usecases.queries.worlds import find_agent


class Command(OperatorCommand):
    """Serve the Model Context Protocol for one agent, to a program that starts this one."""

    help = (
        "Serve the tools and resources of one agent by the Model Context Protocol, over standard "
        "input and output, until the input ends. For desktop agents on the operator's own machine: "
        "they start this command themselves, and no token is asked for. Over the network, use the "
        "address /mcp/ with the agent's token."
    )
    example = "mcp_stdio harbour scout"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take world and agent."""
        add_world(parser)
        add_agent_id(parser)

    def work(self, options: Namespace) -> None:
        """Serve."""
        world = get_any_world(options.world)
        if find_agent(world, options.agent) is None:
            wording = describe("agent_not_found", "agent", {"agent_id": options.agent})
            raise broken(f"{wording.message} (agent_not_found)")
        # Ctrl-C ends it at once: a thread that waits for input would hold it until the next line.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        serve_stdio(AgentCaller(world, AgentId(options.agent)))
