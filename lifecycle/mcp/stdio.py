"""The same server over standard input and output, for an agent that starts it as a program.

Whoever starts it owns the store, so no token is asked for.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import anyio
from mcp.server.stdio import stdio_server

from lifecycle.access.callers import AgentCaller
from lifecycle.mcp.server import make_server
from lifecycle.usecases.threads import Threads

# A client that sends its requests one after the other needs one; a few may overlap.
_THREADS: Final = 4


def serve_stdio(caller: AgentCaller) -> None:
    """Serve one agent until standard input ends."""
    with ThreadPoolExecutor(_THREADS) as pool:
        anyio.run(_serve, caller, Threads(pool))


async def _serve(caller: AgentCaller, threads: Threads) -> None:
    server = make_server(caller, threads)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
