"""The address of MCP, which no resolver knows, asked in this process. Checks nothing."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple
from unittest.mock import patch

from lifecycle.mcp.endpoint import Endpoint


class Told(NamedTuple):
    """An answer: its status, its headers, and its document."""

    status: int
    headers: dict[str, str]
    document: dict[str, Any]
    text: str


class _Here(Executor):
    """Does its work on the thread of the test, which alone may use the test's connection."""

    def __init__(self) -> None:
        self._due: Queue[tuple[Future[Any], Callable[[], Any]] | None] = Queue()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401 - as its base has it
        future: Future[Any] = Future()
        self._due.put((future, lambda: fn(*args, **kwargs)))
        return future

    def work(self) -> None:
        """Work until it is told that all is done."""
        while (due := self._due.get()) is not None:
            future, task = due
            try:
                future.set_result(task())
            except Exception as error:  # noqa: BLE001 - who waits for it is told
                future.set_exception(error)

    def end(self) -> None:
        """Tell that all is done."""
        self._due.put(None)


def ask(method: str, params: dict[str, Any], *, verb: str = "POST", **headers: str) -> Told:
    """Send one message to the address; header names are written with underscores."""
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    given = {
        "host": "localhost",
        "content-type": "application/json",
        "accept": "application/json",
        **{name.lower().replace("_", "-"): value for name, value in headers.items()},
    }
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": verb,
        "scheme": "http",
        "path": "/mcp/",
        "raw_path": b"/mcp/",
        "root_path": "",
        "query_string": b"",
        "client": ("192.0.2.1", 1),
        "server": ("localhost", 80),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }
    here, answers = _Here(), Queue[Told]()
    endpoint = Endpoint(here, max_body_bytes=100_000)

    def serve() -> None:
        try:
            answers.put(asyncio.run(_send(endpoint, scope, message)))
        finally:
            here.end()

    loop = Thread(target=serve, daemon=True)
    loop.start()
    # As Django's own test client does: the test's connection is in a transaction, and stays open.
    with patch("lifecycle.usecases.threads.close_old_connections", lambda: None):
        here.work()
    loop.join()
    return answers.get_nowait()


async def _send(endpoint: Endpoint, scope: dict[str, Any], body: bytes) -> Told:
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        return await asyncio.Future()

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    await endpoint(scope, receive, send)
    heads = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return Told(sent[0]["status"], heads, json.loads(text), text)
