"""The address of a world's stream as an ASGI application: on the event loop, without a thread each.

Who is let in is `view`'s to say, what is sent `streaming`'s.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final

from django.core.handlers.base import BaseHandler

from lifecycle.access.callers import SeenWorld
from lifecycle.api.problems import RETRY_SECONDS, Problem
from lifecycle.api.stream.admission import Headers, Verdict, judge, refusal
from lifecycle.api.stream.attendance import Attendance
from lifecycle.api.stream.streaming import Stream, sending_until_gone
from lifecycle.api.stream.view import MEDIA_TYPE, Admission
from lifecycle.api.stream.watching import Listener, Watcher
from lifecycle.usecases.presence import Present
from lifecycle.usecases.threads import Threads

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PATH: Final = re.compile(r"/api/v1/worlds/[^/]+/stream/?")
_FIRST_LOOK_SECONDS: Final = 10.0
_READ_SECONDS: Final = 10.0
_RETRY_SOON: Final = {"Retry-After": str(RETRY_SECONDS)}
_RETRY_LATER: Final = {"Retry-After": "30"}
_OWN_HEADERS: Final[Headers] = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    # Proxies that gather answers before they pass them on are told not to.
    (b"x-accel-buffering", b"no"),
]
_REPLACED: Final = frozenset({b"content-length", *(name for name, _ in _OWN_HEADERS)})


class _FullError(Exception):
    """There is no place for one more stream."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def is_stream(path: str) -> bool:
    """Say whether a path is that of a stream."""
    return _PATH.fullmatch(path) is not None


class Endpoint:
    """An ASGI application that gives the streams of every world."""

    def __init__(
        self,
        site: BaseHandler,
        pool: Executor,
        *,
        most: int,
        most_of_caller: int,
        read_seconds: float = _READ_SECONDS,
    ) -> None:
        """Give streams.

        Args:
            site: What answers the site's other requests; its views say who is let in.
            pool: Threads on which the database is asked.
            most: Streams that are open at once.
            most_of_caller: Streams of one caller that are.
            read_seconds: How long a client may take over what it is sent before it is given up.
        """
        self._site = site
        self._most, self._most_of_caller = most, most_of_caller
        self._read_seconds = read_seconds
        self._threads = Threads(pool)
        self._attendance = Attendance(self._threads)
        self._watchers: dict[int, Watcher] = {}
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        """Serve one request."""
        verdict = await self._judge(scope)
        if verdict.admission is None:
            await _answer(verdict, send)
            return
        try:
            with self._place_for(verdict.admission):
                await self._serve(verdict, scope, receive, send)
        except _FullError as full:
            await _answer(refusal(full.problem), send)

    async def _judge(self, scope: Any) -> Verdict:  # noqa: ANN401 - ASGI
        return await self._threads.run(lambda: judge(self._site, scope))

    @contextmanager
    def _place_for(self, admission: Admission) -> Iterator[None]:
        """Hold one of the places there are.

        Raises:
            _FullError: all are taken, or all that one caller may have.
        """
        caller = (
            f"{admission.world.pk} {admission.caller}"
            if admission.account is None
            else admission.caller
        )
        opened = self._open[caller]
        if opened >= self._most_of_caller:
            raise _FullError(Problem(429, "too_many_streams", None, {"open": opened}, _RETRY_LATER))
        if self._open.total() >= self._most:
            raise _FullError(Problem(503, "busy", None, {}, _RETRY_LATER))
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

    async def _serve(self, verdict: Verdict, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        admission = verdict.admission
        assert admission is not None  # noqa: S101 - for mypy: only who is admitted is served
        with self._listening(admission.world) as (watcher, listener):
            if not await watcher.until_seen(_FIRST_LOOK_SECONDS):
                await _answer(
                    refusal(Problem(503, "storage_unavailable", None, {}, _RETRY_SOON)), send
                )
                return
            stream = Stream(admission, watcher, listener, lambda: self._judge(scope))
            sending = self._send_all(stream, verdict.headers, send)
            with self._attendance.of(_present(admission)):
                await sending_until_gone(sending, _gone(receive))

    async def _send_all(self, stream: Stream, headers: Headers, send: Send) -> None:
        kept = [(name, value) for name, value in headers if name not in _REPLACED]
        await send({"type": "http.response.start", "status": 200, "headers": kept + _OWN_HEADERS})

        async def send_in_time(piece: bytes) -> None:
            async with asyncio.timeout(self._read_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": True})

        try:
            await stream.run(send_in_time)
        except TimeoutError:
            # Who does not read is given up; the answer has no end, so the server closes it.
            return
        await send({"type": "http.response.body", "body": b""})

    @contextmanager
    def _listening(self, world: SeenWorld) -> Iterator[tuple[Watcher, Listener]]:
        """Join those who listen to a world."""
        watcher = self._watchers.setdefault(world.pk, Watcher(world, self._threads))
        listener = Listener()
        watcher.join(listener)
        try:
            yield watcher, listener
        finally:
            watcher.leave(listener)
            if watcher.is_idle and self._watchers.get(world.pk) is watcher:
                del self._watchers[world.pk]


def _present(admission: Admission) -> Present | None:
    account = admission.account
    return None if account is None else Present(admission.world.pk, account)


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone; what it sends besides is not read."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(verdict: Verdict, send: Send) -> None:
    start = {"type": "http.response.start", "status": verdict.status, "headers": verdict.headers}
    await send(start)
    await send({"type": "http.response.body", "body": verdict.body})
