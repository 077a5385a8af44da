"""One open stream: what a caller is sent, in which order, and when it ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from lifecycle.api.stream import messages
from lifecycle.api.stream.admission import Verdict
from lifecycle.api.stream.view import Admission
from lifecycle.api.stream.watching import MOST_BEHIND, Listener, Watcher
from lifecycle.usecases.lifeline import server_is_stopping

HEARTBEAT_SECONDS: Final = 15.0
RECHECK_SECONDS: Final = 3.0
_UNAUTHORIZED: Final = 401
_ABSENT: Final = frozenset({403, 404})

SendBytes = Callable[[bytes], Awaitable[None]]
JudgeAgain = Callable[[], Awaitable[Verdict]]


class Stream:
    """Follows a world for one caller, from a place in its journal on.

    The place moves only past what was sent, so whatever else happens there is no hole.
    """

    def __init__(
        self, admission: Admission, watcher: Watcher, listener: Listener, judge: JudgeAgain
    ) -> None:
        """Follow by a watcher that the listener has joined.

        `judge` says anew whether the caller is let in.
        """
        self._admission, self._watcher, self._listener = admission, watcher, listener
        self._judge = judge
        self._place = 0
        self._people: list[str] = []
        self._ended = False

    async def run(self, send: SendBytes) -> None:
        """Send until the caller may hear no more, or the server stops."""
        await send(messages.RETRY + self._opening())
        recheck_s = time.monotonic() + RECHECK_SECONDS
        said_s = time.monotonic()
        while not self._ended:
            now_s = time.monotonic()
            said = b""
            if now_s >= recheck_s:
                said, recheck_s = await self._recheck(), now_s + RECHECK_SECONDS
            said = said or await self._news()
            if not said and now_s - said_s >= HEARTBEAT_SECONDS:
                said = messages.HEARTBEAT
            if said:
                await send(said)
                said_s = now_s
            else:
                await self._listener.wait(min(recheck_s, said_s + HEARTBEAT_SECONDS) - now_s)

    def _opening(self) -> bytes:
        """Say where the stream begins; after a place that it cannot begin at, say that."""
        head = self._watcher.head_seq
        self._place = head if self._admission.after is None else self._admission.after
        if self._admission.is_malformed:
            return self._reset("malformed_last_event_id")
        return self._astray() or messages.ready(
            self._admission.world.slug, after=self._place, head_seq=head
        )

    def _astray(self) -> bytes:
        """Begin anew at the head, where what follows the place is not to be had."""
        head = self._watcher.head_seq
        if self._place > head:
            return self._reset("ahead_of_the_journal")
        return self._reset("too_far_behind") if head - self._place > MOST_BEHIND else b""

    def _reset(self, reason: str) -> bytes:
        self._place = self._watcher.head_seq
        return messages.reset(reason, self._place)

    async def _news(self) -> bytes:
        """Give what is to be sent now, if anything."""
        if server_is_stopping():
            return self._end("server_stopping")
        said = b""
        if self._place != self._watcher.head_seq:
            said = self._astray() or await self._events()
        if self._ended or self._place != self._watcher.head_seq:
            return said
        # In one piece with the events, so that a page that asks for both at once asks once.
        changed = self._listener.take_changed()
        if changed:
            said += messages.changed(changed, self._place)
        return said + self._presence()

    def _presence(self) -> bytes:
        """Tell a person who else is there; to an agent that is nothing."""
        people = self._watcher.people
        if self._admission.account is None or people == self._people:
            return b""
        self._people = people
        return messages.presence(people)

    async def _events(self) -> bytes:
        events = await self._watcher.events_after(self._place)
        if not events:
            # The head is past an event that is not there: never go on beyond a hole.
            return self._end("journal_broken")
        self._place += len(events)
        return b"".join(events)

    async def _recheck(self) -> bytes:
        verdict = await self._judge()
        admission = verdict.admission
        if admission is not None and admission.caller == self._admission.caller:
            return b""
        if admission is not None or verdict.status == _UNAUTHORIZED:
            return self._end("session_ended")
        return self._end("access_ended" if verdict.status in _ABSENT else "unavailable")

    def _end(self, reason: str) -> bytes:
        self._ended = True
        return messages.end(reason)


async def sending_until_gone(sending: Awaitable[None], gone: Awaitable[None]) -> bool:
    """Send until the end; stop where the client is gone first, and say whether it stayed."""
    tasks = [asyncio.ensure_future(sending), asyncio.ensure_future(gone)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            return False
        await tasks[0]
        return True
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
