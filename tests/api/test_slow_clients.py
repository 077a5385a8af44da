"""Clients that dawdle, over the application as it is served: one thread, and it stays free."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from a2wsgi import WSGIMiddleware

from lifecycle.mcp.bodies import Message
from worldsim.patience import PatientApplication

MAXIMUM = 200_000
PIECE = b"x" * 50_000
CHUNKS = 40


def read_and_tell(environ: Any, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
    """Answer with the body's length, or with much where the path asks for it."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/much":
        return iter([PIECE * 2] * CHUNKS)
    return iter([str(len(environ["wsgi.input"].read(-1))).encode()])


class Client:
    """One connection: what it sends in turn, and whether it reads."""

    def __init__(self, pieces: Iterator[Message], *, path: str = "/", reads: bool = True) -> None:
        self._pieces, self._reads = pieces, reads
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "http_version": "1.1",
            "headers": [],
        }
        self.got: list[Message] = []

    async def receive(self) -> Message:
        """Give the next piece; wait for ever where there is none."""
        piece = next(self._pieces, None)
        return piece if piece is not None else await asyncio.Future()

    async def send(self, message: Message) -> None:
        """Take a piece of the answer, unless this client does not read."""
        if not self._reads:
            await asyncio.Future()
        self.got.append(message)

    @property
    def status(self) -> int:
        """The status that came."""
        return int(self.got[0]["status"])

    @property
    def answer(self) -> bytes:
        """What came."""
        return b"".join(message["body"] for message in self.got[1:])


def body(*pieces: bytes, ends: bool = True) -> Iterator[Message]:
    """Give the pieces of a body; one that does not end is never finished."""
    for number, piece in enumerate(pieces, 1):
        more = not ends or number < len(pieces)
        yield {"type": "http.request", "body": piece, "more_body": more}


def hung_up() -> Iterator[Message]:
    """Give the beginning of a body, and the end of the connection."""
    yield from body(b"half", ends=False)
    yield {"type": "http.disconnect"}


def serve(
    scenario: Callable[[Callable[[Client], Awaitable[None]]], Awaitable[None]], **seconds: float
) -> None:
    """Run a scenario against an application with a single thread, in 20 seconds at most."""

    async def running() -> None:
        served = PatientApplication(
            WSGIMiddleware(read_and_tell, workers=1), max_body_bytes=MAXIMUM, **seconds
        )

        async def ask(client: Client) -> None:
            await served(client.scope, client.receive, client.send)

        await asyncio.wait_for(scenario(ask), 20)

    asyncio.run(running())


def test_a_body_comes_whole_whatever_its_pieces() -> None:
    client = Client(body(b"a", PIECE, b"", PIECE))

    serve(lambda ask: ask(client))

    assert (client.status, client.answer) == (200, b"100001")


def test_clients_that_do_not_end_their_bodies_hold_no_thread() -> None:
    slow = [Client(body(b"half", ends=False)) for _ in range(5)]
    quick = Client(body(b"whole"))

    async def scenario(ask: Callable[[Client], Awaitable[None]]) -> None:
        waiting = [asyncio.ensure_future(ask(client)) for client in slow]
        await asyncio.sleep(0)
        await ask(quick)
        for task in waiting:
            task.cancel()

    serve(scenario)

    assert quick.answer == b"5"
    assert [client.got for client in slow] == [[]] * 5


def test_a_body_that_takes_too_long_is_refused_and_never_passed_on_in_part() -> None:
    client = Client(body(b"half", ends=False))

    serve(lambda ask: ask(client), body_seconds=0.1)

    assert client.status == 408
    assert json.loads(client.answer)["code"] == "body_incomplete"


def test_a_client_that_hung_up_is_not_answered() -> None:
    client = Client(hung_up())

    serve(lambda ask: ask(client))

    assert client.got == []


def test_a_body_without_a_length_is_collected_no_further_than_the_limit() -> None:
    client = Client(body(*[PIECE] * 100, ends=False))

    serve(lambda ask: ask(client))

    assert client.answer == b"250000"


def test_all_bodies_together_are_bounded_and_small_ones_are_taken_all_the_same() -> None:
    held = [Client(body(PIECE, PIECE, PIECE, PIECE, ends=False)) for _ in range(8)]
    large, small = Client(body(PIECE, PIECE)), Client(body(b"small"))

    async def scenario(ask: Callable[[Client], Awaitable[None]]) -> None:
        waiting = [asyncio.ensure_future(ask(client)) for client in held]
        await asyncio.sleep(0)
        await ask(large)
        await ask(small)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        again.append(Client(body(PIECE, PIECE)))
        await ask(again[0])

    again: list[Client] = []
    serve(scenario)

    assert large.status == 503
    assert small.answer == b"5"
    assert again[0].answer == b"100000", "what was held is free again"


def test_a_client_that_does_not_read_gives_its_thread_back() -> None:
    idle = [Client(body(b""), path="/much", reads=False) for _ in range(3)]
    quick = Client(body(b"whole"))

    async def scenario(ask: Callable[[Client], Awaitable[None]]) -> None:
        waiting = [asyncio.ensure_future(ask(client)) for client in idle]
        await asyncio.sleep(0.05)
        await ask(quick)
        await asyncio.gather(*waiting)

    serve(scenario, read_seconds=0.2)

    assert quick.answer == b"5"


def test_a_long_answer_comes_in_pieces_that_add_up() -> None:
    client = Client(body(b""), path="/much")

    serve(lambda ask: ask(client))

    assert client.answer == PIECE * 2 * CHUNKS
    assert max(len(message["body"]) for message in client.got[1:]) == 64 * 1024
    assert [message.get("more_body", False) for message in client.got[1:]].count(False) == 1
