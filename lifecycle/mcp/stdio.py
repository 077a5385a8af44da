"""The same server over standard input and output, for an agent that starts it as a program.

Whoever starts it owns the store, so no token is asked for.
"""

import io
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Final

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.stdio import stdio_server
from mcp.shared.message import ServerMessageMetadata, SessionMessage

from lifecycle.access.callers import AgentCaller
from lifecycle.mcp.messages import MessageError, read_message
from lifecycle.mcp.server import make_server
from lifecycle.usecases.threads import Threads

# A client that sends its requests one after the other needs one; a few may overlap.
_THREADS: Final = 4
_INPUT: Final = 0

Messages = MemoryObjectSendStream[SessionMessage | Exception]


def serve_stdio(caller: AgentCaller) -> None:
    """Serve one agent until standard input ends."""
    with ThreadPoolExecutor(_THREADS) as pool:
        anyio.run(_serve, caller, Threads(pool))


async def _serve(caller: AgentCaller, threads: Threads) -> None:
    server = make_server(caller, threads)
    read, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    # The package's own reader drops what is no message without a word, so it is given nothing.
    nothing = anyio.wrap_file(io.StringIO())
    async with (
        stdio_server(stdin=nothing) as (_, outgoing),
        anyio.create_task_group() as group,
    ):
        group.start_soon(_read, anyio.wrap_file(_taken_input()), read, outgoing.send)
        await server.run(incoming, outgoing, server.create_initialization_options())


def _taken_input() -> IO[bytes]:
    """Take standard input for the messages alone: nothing that is started here reads of it."""
    taken = os.fdopen(os.dup(_INPUT), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, _INPUT)
    os.close(null)
    return taken


async def _read(
    lines: anyio.AsyncFile[bytes],
    read: Messages,
    answer: Callable[[SessionMessage], Awaitable[None]],
) -> None:
    """Hand on each line that is a message, and answer what is none."""
    async with read:
        async for line in lines:
            if not line.strip():
                continue
            try:
                sent = read_message(line)
            except MessageError as error:
                await answer(SessionMessage(error.answer))
                continue
            metadata = ServerMessageMetadata(request_context=sent)
            await read.send(SessionMessage(sent.message, metadata))
