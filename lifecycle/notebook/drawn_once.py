"""Draws what many ask for at the same moment once for all of them. What is drawn is others' matter.

After an event every open page of a world asks for the same parts within a fraction of a second.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Final, NamedTuple

from django.utils.safestring import SafeString

_KEPT: Final = 32
# A part says how things were when it was drawn, also in what its key does not tell.
_FRESH_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 20.0

Draw = Callable[[], SafeString]


class _Part(NamedTuple):
    begun_s: float
    text: "Future[SafeString]"


class DrawnOnce:
    """The last parts that were drawn, by what they were drawn from."""

    def __init__(self, kept: int = _KEPT, fresh_seconds: float = _FRESH_SECONDS) -> None:
        """Keep so many parts, each for so long."""
        self._kept, self._fresh_seconds = kept, fresh_seconds
        self._parts: OrderedDict[Hashable, _Part] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, draw: Draw) -> SafeString:
        """Give a part; the first who asks draws it, the others wait for that.

        A failure is told to those who wait, and kept for nobody.
        """
        now_s = time.monotonic()
        with self._lock:
            part = self._parts.get(key)
            is_mine = part is None or now_s - part.begun_s > self._fresh_seconds
            if part is None or is_mine:
                part = self._parts[key] = _Part(now_s, Future())
                self._parts.move_to_end(key)
                while len(self._parts) > self._kept:
                    self._parts.popitem(last=False)
        if is_mine:
            self._draw(key, part, draw)
        return part.text.result(_LONGEST_SECONDS)

    def _draw(self, key: Hashable, part: _Part, draw: Draw) -> None:
        try:
            part.text.set_result(draw())
        except BaseException as error:
            with self._lock:
                if self._parts.get(key) is part:
                    del self._parts[key]
            part.text.set_exception(error)
            raise
