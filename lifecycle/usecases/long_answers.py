"""Long answers take turns, so that they never hold every thread that serves requests.

What is long is said by the views that take a turn.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings

from lifecycle.usecases.errors import BusyError

# A quarter of the threads; whoever reads slowly, on purpose or not, holds no more than these.
_TURNS: Final = threading.BoundedSemaphore(max(1, settings.ENVIRONMENT.web_threads // 4))


class Turn:
    """The right to a long answer, until it is given back."""

    def __init__(self) -> None:
        """Take a turn.

        Raises:
            BusyError: all are taken; the caller is told to come again.
        """
        self._held = _TURNS.acquire(blocking=False)
        if not self._held:
            raise BusyError

    def give_back(self) -> None:
        """Let the next one have it; more than once is no harm."""
        if self._held:
            self._held = False
            _TURNS.release()


@contextmanager
def turn() -> Iterator[None]:
    """Hold a turn over a block.

    Raises:
        BusyError: all are taken.
    """
    taken = Turn()
    try:
        yield
    finally:
        taken.give_back()
