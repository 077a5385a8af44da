"""Runs what waits for the database on a bounded pool of threads, never on the event loop.

What is run is the others' matter.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from django.db import close_old_connections

_Result = TypeVar("_Result")


class Threads:
    """A pool whose threads keep their database connections as Django's own requests do."""

    def __init__(self, pool: Executor) -> None:
        """Use a pool; whoever made it bounds and ends it."""
        self._pool = pool

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Do some work on a thread and wait for it.

        A caller that is cancelled meanwhile leaves the work to end: half a decision is none.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, _fresh, work)


def _fresh(work: Callable[[], _Result]) -> _Result:
    """Work with connections that are neither broken nor past their age."""
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
