"""Keeps clients that dawdle from holding the threads that serve the others.

A thread is given to a request only once its body is here whole, and taken back when its client
reads no further. No content is judged here.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from lifecycle.api.problems import MEDIA_TYPE, RETRY_SECONDS, Problem, problem_document
from lifecycle.mcp.bodies import Message, Receive, Replayed, Send

Application = Callable[[Any, Any, Any], Awaitable[None]]

BODY_SECONDS: Final = 120.0
READ_SECONDS: Final = 10.0
# Bodies up to this size are always taken; they cost no more than the connection does.
_SMALL_BYTES: Final = 64 * 1024
# What one reader must take within `READ_SECONDS`.
_PIECE_BYTES: Final = 64 * 1024
# So many bodies of the largest size are held at once, from all clients together.
_LARGE_BODIES: Final = 8

_TOO_SLOW: Final = Problem(408, "body_incomplete")
_TOO_MUCH: Final = Problem(503, "storage_unavailable", headers={"Retry-After": str(RETRY_SECONDS)})


class _GoneError(Exception):
    """The client hung up before its body was whole."""


class _RefusedError(Exception):
    """The body is not waited for any longer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class PatientApplication:
    """An ASGI application that waits for clients on the event loop, before and behind another."""

    def __init__(
        self,
        application: Application,
        *,
        max_body_bytes: int,
        body_seconds: float = BODY_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Stand in front of an application.

        Args:
            application: It may block a thread for as long as it reads or sends.
            max_body_bytes: Longest body that it takes; longer ones reach it cut just past that,
                or not at all where their length is declared, so that it refuses them itself.
            body_seconds: How long a body may be on its way.
            read_seconds: How long a client may take over each 64 KiB of the answer.
        """
        self._application = application
        self._max_body_bytes = max_body_bytes
        self._body_seconds, self._read_seconds = body_seconds, read_seconds
        self._held_bytes = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        """Serve one connection's request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        body = bytearray()
        try:
            await self._collect(scope, receive, body)
            await self._application(
                scope, Replayed(bytes(body), receive), _Reader(send, self._read_seconds)
            )
        except _GoneError:
            pass  # nobody is left to be answered, and nothing was done
        except _RefusedError as refusal:
            await _answer(refusal.problem, send)
        finally:
            self._held_bytes -= len(body)

    async def _collect(self, scope: Any, receive: Receive, body: bytearray) -> None:  # noqa: ANN401 - ASGI
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max_body_bytes:
            return
        try:
            async with asyncio.timeout(self._body_seconds):
                while await self._take(receive, body):
                    pass
        except TimeoutError as error:
            raise _RefusedError(_TOO_SLOW) from error

    async def _take(self, receive: Receive, body: bytearray) -> bool:
        """Take the next piece of a body, and say whether there is more to take."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        piece = message.get("body", b"")
        body += piece
        self._held_bytes += len(piece)
        full = self._held_bytes > _LARGE_BODIES * self._max_body_bytes
        if full and len(body) > _SMALL_BYTES:
            raise _RefusedError(_TOO_MUCH)
        return bool(message.get("more_body", False)) and len(body) <= self._max_body_bytes


class _Reader:
    """Sends to a client as long as it reads; what it does not read goes nowhere."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send, self._seconds = send, seconds
        self._gone = False

    async def __call__(self, message: Message) -> None:
        body = message.get("body", b"")
        if len(body) <= _PIECE_BYTES:
            await self._send_in_time(message)
            return
        for start in range(0, len(body), _PIECE_BYTES):
            piece = body[start : start + _PIECE_BYTES]
            last = start + _PIECE_BYTES >= len(body)
            more = bool(message.get("more_body", False)) or not last
            await self._send_in_time({**message, "body": piece, "more_body": more})

    async def _send_in_time(self, message: Message) -> None:
        if self._gone:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError:
            # The answer is never ended, so the server closes the connection.
            self._gone = True


async def _answer(problem: Problem, send: Send) -> None:
    """Answer without a thread; the connection ends, for its body was not read."""
    document = json.dumps(problem_document(problem)).encode()
    headers = {
        "content-type": MEDIA_TYPE,
        "connection": "close",
        "cache-control": "no-store",
        **problem.headers,
    }
    headers["content-length"] = str(len(document))
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": pairs})
    await send({"type": "http.response.body", "body": document})
