"""What the model says next: answers in order, and what follows the last.

How a script is read from a file is in ``script_files.py``.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Literal, TypeAlias

from tests.scripted_model.answers import Answer
from tests.scripted_model.received import Received

# An answer, or what makes one from the request that it answers.
Line: TypeAlias = Answer | Callable[[Received], Answer]
After: TypeAlias = Literal["fault", "repeat"]


class Script:
    """Lines in order; many threads may take from it.

    Args:
        lines: What is said, in order.
        after: What follows the last line: it is repeated, or there is none.
    """

    def __init__(self, lines: tuple[Line, ...], after: After) -> None:
        self._waiting = deque(lines)
        self._after = after
        self._last: Line | None = None
        self._lock = threading.Lock()

    def add(self, *lines: Line) -> None:
        """Put lines after those that are there."""
        with self._lock:
            self._waiting.extend(lines)

    def take(self) -> Line | None:
        """Give the next line; None where the script is over."""
        with self._lock:
            if self._waiting:
                self._last = self._waiting.popleft()
                return self._last
            return self._last if self._after == "repeat" else None

    @property
    def left(self) -> int:
        """Count the lines that were not said yet."""
        with self._lock:
            return len(self._waiting)
