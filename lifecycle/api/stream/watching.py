"""Looks at a world while somebody listens, once for all of them, and wakes them when it moved.

Nothing is sent here: each listener has a place of its own and fetches what follows it.
"""

import asyncio
import logging
from typing import Final

from lifecycle.access.callers import SeenWorld
from lifecycle.api.stream import messages
from lifecycle.usecases.lifeline import server_is_stopping
from lifecycle.usecases.presence import people_at
from lifecycle.usecases.queries.events import events_page
from lifecycle.usecases.queries.live import Pulse, find_pulse
from lifecycle.usecases.threads import Threads

LOOK_SECONDS: Final = 0.1
MOST_BEHIND: Final = 1000
_PAUSE_SECONDS: Final = 1.0
# Who looks is asked at every fifth look.
_LOOKS_FOR_PEOPLE: Final = 5
_PAGE: Final = 200
_log = logging.getLogger(__name__)


class Listener:
    """One who listens: woken when there may be something new, told which other parts changed."""

    def __init__(self) -> None:
        """Listen to nothing yet."""
        self._wake = asyncio.Event()
        self._changed: set[str] = set()

    def wake(self, parts: list[str] | None = None) -> None:
        """Note which parts changed, and wake."""
        self._changed.update(parts or ())
        self._wake.set()

    async def wait(self, seconds: float) -> None:
        """Wait until woken, and no longer than that."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._wake.wait()
        except TimeoutError:
            return

    def take_changed(self) -> list[str]:
        """Give the parts that changed since this was asked last, and sleep again."""
        self._wake.clear()
        changed, self._changed = sorted(self._changed), set()
        return changed


class Watcher:
    """One world, looked at as long as somebody listens.

    The last events are kept as the bytes that all listeners are sent. Their number is bounded,
    and nothing is kept for a single listener, so one that reads slowly costs no memory.
    """

    def __init__(self, world: SeenWorld, threads: Threads) -> None:
        """Watch a world by look-ups on some threads; nothing is looked at yet."""
        self._world, self._threads = world, threads
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = asyncio.Event()
        self._pulse: Pulse | None = None
        self._recent: dict[int, bytes] = {}
        self._looks = 0
        self.people: list[str] = []

    @property
    def head_seq(self) -> int:
        """The last event that was seen; 0 before there is one."""
        return 0 if self._pulse is None else self._pulse.seq

    @property
    def is_idle(self) -> bool:
        """Say whether nobody listens."""
        return not self._listeners

    def join(self, listener: Listener) -> None:
        """Listen. Whoever does leaves again."""
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._seen.clear()
            self._task = asyncio.create_task(self._watch())

    def leave(self, listener: Listener) -> None:
        """Listen no more; when the last one leaves, the world is no longer looked at."""
        self._listeners.discard(listener)
        if self.is_idle and self._task is not None:
            self._task.cancel()
            self._task = None

    async def until_seen(self, seconds: float) -> bool:
        """Wait for the first look; say whether there was one in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._seen.wait()
        except TimeoutError:
            return False
        return True

    async def events_after(self, place: int) -> list[bytes]:
        """Give the messages of the next events up to the head; none where the next is missing."""
        wanted = range(place + 1, min(self.head_seq, place + _PAGE) + 1)
        known = [self._recent[seq] for seq in wanted if seq in self._recent]
        if len(known) == len(wanted):
            return known
        return await self._threads.run(lambda: _read(self._world, place, len(wanted)))

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
                pause_s = LOOK_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may do better
                _log.error("a look at a world failed: %s", type(error).__qualname__)
                pause_s = _PAUSE_SECONDS
            if server_is_stopping():
                self._wake_all()
            await asyncio.sleep(pause_s)

    async def _look(self) -> None:
        before, now = self._pulse, await self._threads.run(lambda: find_pulse(self._world))
        if now is None:
            return
        if before is None or now.seq < before.seq:
            self._recent.clear()
        elif now.seq > before.seq:
            await self._keep_recent(max(before.seq, now.seq - MOST_BEHIND), now.seq)
        self._pulse = now
        await self._look_for_people()
        self._seen.set()
        if before is not None and now != before:
            self._wake_all(now.parts_changed_since(before))

    async def _look_for_people(self) -> None:
        if self._looks % _LOOKS_FOR_PEOPLE == 0:
            people = await self._threads.run(lambda: people_at(self._world.pk))
            if people != self.people:
                self.people = people
                self._wake_all()
        self._looks += 1

    async def _keep_recent(self, after: int, head: int) -> None:
        """Read new events once for all; what is not kept, each listener reads by itself."""
        while after < head:
            read = await self._threads.run(lambda: _read(self._world, after, head - after))  # noqa: B023 - awaited at once
            if not read:
                return
            self._recent.update(enumerate(read, after + 1))
            after += len(read)
        for place in list(self._recent)[:-MOST_BEHIND]:
            del self._recent[place]

    def _wake_all(self, parts: list[str] | None = None) -> None:
        for listener in self._listeners:
            listener.wake(parts)


def _read(world: SeenWorld, after: int, limit: int) -> list[bytes]:
    """Read the messages of events past a place, up to the first that is missing."""
    page = events_page(world, after=after, limit=min(limit, _PAGE))
    found = []
    for place, document in enumerate(page.rows, after + 1):
        if document["seq"] != place:
            break
        found.append(messages.message("journal", document, seq=place))
    return found
