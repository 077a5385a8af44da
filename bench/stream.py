"""How late an event is at 50 open streams and in 50 open pages, beside bare sockets."""

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from bench import service
from bench.measuring import Goal, Row, show

CLIENTS = 50
EVENTS = 30
PAUSE_S = 1.0
GOAL_MS = 1000.0
_PATIENCE_S = 120.0
_MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
_SERVING = re.compile(r"Serving on http://127\.0\.0\.1:(\d+)/")
_SHOWN = re.compile(rb'name="(v|oldest|newest)" value="([^"]*)"')
_ID = b"id: "
_BODY = b"x" * 400

# Says one event, and gives its place and the moment at which it was committed.
Happen = Callable[[], Awaitable[tuple[int, float]]]
# What a client does once it has the event of a place, before that counts as seen.
React = Callable[[int], Awaitable[None]]


async def nothing(_: int) -> None:
    """Do nothing more."""


class Audience:
    """Clients that listen, and when each of them had each event."""

    def __init__(self) -> None:
        self.ready = 0
        self.seen: dict[int, list[float]] = {}
        self._came = asyncio.Condition()
        self._dealing: set[asyncio.Task[None]] = set()

    async def listen(self, port: int, request: bytes, react: React) -> None:
        """Read a stream to its end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        place = 0
        while line := await reader.readline():
            if line.startswith(_ID):
                place = int(line[len(_ID) :])
            elif line.startswith(b"event: ready"):
                self.ready += 1
                await self._tell()
            elif line.startswith(b"event: journal"):
                # The next event is heard meanwhile.
                dealing = asyncio.create_task(self._deal(place, react))
                self._dealing.add(dealing)
                dealing.add_done_callback(self._dealing.discard)

    async def _deal(self, place: int, react: React) -> None:
        await react(place)
        self.seen.setdefault(place, []).append(time.perf_counter())
        await self._tell()

    async def _tell(self) -> None:
        async with self._came:
            self._came.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of the clients."""
        async with asyncio.timeout(_PATIENCE_S), self._came:
            await self._came.wait_for(holds)

    def have_all(self, seqs: Collection[int]) -> bool:
        """Say whether everybody has had every event."""
        return all(len(self.seen.get(seq, ())) == CLIENTS for seq in seqs)


async def delays(port: int, request: bytes, happen: Happen, reacts: Sequence[React]) -> list[float]:
    """Let events happen while all listen; give the milliseconds until each had dealt with each."""
    audience = Audience()
    clients = [asyncio.create_task(audience.listen(port, request, react)) for react in reacts]
    await audience.until(lambda: audience.ready == CLIENTS)
    committed: dict[int, float] = {}
    for _ in range(EVENTS):
        seq, committed[seq] = await happen()
        await asyncio.sleep(PAUSE_S)
    await audience.until(lambda: audience.have_all(committed))
    for client in clients:
        client.cancel()
    return [
        (at_s - moment) * 1000 for seq, moment in committed.items() for at_s in audience.seen[seq]
    ]


async def bare_delays() -> list[float]:
    """Write ready-made bytes to as many sockets: what the machine itself takes."""
    writers: list[asyncio.StreamWriter] = []
    count = 0

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"event: ready\n\n")
        writers.append(writer)

    async def happen() -> tuple[int, float]:
        nonlocal count
        count += 1
        committed_s = time.perf_counter()
        for writer in writers:
            writer.write(b"%s%d\nevent: journal\ndata: %s\n\n" % (_ID, count, _BODY))
        return count, committed_s

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return await delays(port, b"GET\n", happen, [nothing] * CLIENTS)


class OpenPage:
    """A page of the world that has what changed drawn anew, as often as `live.js` does."""

    def __init__(self, port: int, headers: str) -> None:
        self._port, self._headers = port, headers
        self._shown = {b"v": b"", b"oldest": b"", b"newest": b""}
        self._soonest_s = 0.0
        self._lock = asyncio.Lock()

    async def show(self, place: int) -> None:
        """Return once the page shows an event."""
        async with self._lock:
            # What came meanwhile was drawn together with an earlier one.
            while self._shows() < place:
                await self._draw()

    def _shows(self) -> int:
        return int(self._shown[b"v"].split(b".")[0] or 0)

    async def _draw(self) -> None:
        await asyncio.sleep(max(0.03, self._soonest_s - time.perf_counter()))
        began_s = time.perf_counter()
        query = "&".join(f"{name.decode()}={value.decode()}" for name, value in self._shown.items())
        path = f"/worlds/{service.SLUG}/live/?{query}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"GET {path} HTTP/1.1\r\n{self._headers}Connection: close\r\n\r\n".encode())
        answer = await reader.read(-1)
        writer.close()
        if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
            raise RuntimeError(answer[:200])
        self._shown.update(_SHOWN.findall(answer))
        now_s = time.perf_counter()
        self._soonest_s = now_s + max(0.1, 2 * (now_s - began_s))


def start_web(folder: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """Start the web server on the bench's folder; give it and its port."""
    log = folder / "web.log"
    with log.open("wb") as out:
        web = subprocess.Popen(
            [sys.executable, str(_MANAGE), "web"],
            env={**os.environ, "PORT": "0"},
            stdout=out,
            stderr=out,
        )
    while (found := _SERVING.search(log.read_text())) is None:
        if web.poll() is not None:
            raise RuntimeError(log.read_text())
        time.sleep(0.1)
    return web, int(found[1])


def submit_one() -> tuple[int, float]:
    """Submit a decision in this process; give its event's place and when it was committed."""
    from lifecycle.core.ids import AgentId
    from lifecycle.journal.store import get_head
    from lifecycle.protocol.parser import Parsed, parse_decision
    from lifecycle.usecases.submit import Submission, submit

    parsed = parse_decision(b'{"decision":"wait"}')
    if not isinstance(parsed, Parsed):
        raise TypeError(parsed.code)
    submit(Submission(service.SLUG, AgentId(service.AGENT), None, "api"), parsed)
    committed_s = time.perf_counter()
    return get_head(service.SLUG).seq, committed_s


def session_key() -> str:
    """Log an account in that sees the world."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("viewer"))
    return client.cookies["sessionid"].value


async def happen() -> tuple[int, float]:
    """Let one event happen."""
    return await asyncio.to_thread(submit_one)


def main() -> int:
    """Measure the streams of a real web server, its pages, and bare sockets."""
    service.start()
    headers = f"Host: localhost\r\nCookie: sessionid={session_key()}\r\n"
    request = f"GET /api/v1/worlds/{service.SLUG}/stream/ HTTP/1.1\r\n{headers}\r\n".encode()
    web, port = start_web(Path(os.environ["WORLDSIM_DATA"]))
    try:
        streams = asyncio.run(delays(port, request, happen, [nothing] * CLIENTS))
        pages = [OpenPage(port, headers).show for _ in range(CLIENTS)]
        drawn = asyncio.run(delays(port, request, happen, pages))
    finally:
        web.terminate()
        web.wait(10)
    floor = asyncio.run(bare_delays())
    rows = [
        Row(f"worldsim: commit to each of {CLIENTS} streams", "ms", streams),
        Row(f"worldsim: commit to what {CLIENTS} pages then ask for", "ms", drawn),
        Row(f"floor: the same bytes to {CLIENTS} bare sockets", "ms", floor),
    ]
    goals = [
        Goal(
            f"99 of 100 {what}, in ms",
            statistics.quantiles(values, n=100)[98],
            GOAL_MS,
            at_least=False,
        )
        for what, values in (("streams", streams), ("pages", drawn))
    ]
    return show(rows, goals)


if __name__ == "__main__":
    sys.exit(main())
