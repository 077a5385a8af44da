"""Counts the people who have streams open here, and has it noted where other servers see it too.

An agent is not counted. What is done with the names stands in `watching` and `streaming`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lifecycle.usecases.clock import new_id
from lifecycle.usecases.presence import NOTE_SECONDS, Present, note_present
from lifecycle.usecases.threads import Threads

# A page that is loaded anew leaves and comes at once; nobody is told of that.
_SETTLE_SECONDS: Final = 0.5
_log = logging.getLogger(__name__)


class Attendance:
    """The people at this web server, by world."""

    def __init__(self, threads: Threads) -> None:
        """Note on some threads; nobody is here yet."""
        self._threads = threads
        self._server = new_id()
        self._here: Counter[Present] = Counter()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def of(self, present: Present | None) -> Iterator[None]:
        """Count one as long as the block lasts; `None` is nobody."""
        if present is None:
            yield
            return
        self._here[present] += 1
        self._note_soon()
        try:
            yield
        finally:
            self._here[present] -= 1
            if not self._here[present]:
                del self._here[present]
            self._note_soon()

    def _note_soon(self) -> None:
        self._moved.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_noting())

    async def _keep_noting(self) -> None:
        """Note who is here when that changes, and by and by, until nobody is and that is noted."""
        noted: set[Present] | None = None
        while noted is None or noted or self._here:
            try:
                async with asyncio.timeout(NOTE_SECONDS):
                    await self._moved.wait()
                await asyncio.sleep(_SETTLE_SECONDS)
            except TimeoutError:
                pass
            self._moved.clear()
            here = set(self._here)
            noted = here if await self._note(here) else None

    async def _note(self, here: set[Present]) -> bool:
        try:
            await self._threads.run(lambda: note_present(self._server, here))
        except Exception as error:  # noqa: BLE001 - presence is worth no stream
            _log.error("presence was not noted: %s", type(error).__qualname__)
            return False
        return True
