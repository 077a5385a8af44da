"""What a worker does besides compiling: report, hand out what was lost, watch the queue."""

import logging
from typing import Final

from lifecycle.toolchains.catalog import prepare_toolchains
from lifecycle.toolchains.results import ToolchainStatus
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import reap
from lifecycle.usecases.compilers import report_toolchains, toolchain_config
from lifecycle.usecases.queries.health import queue_health

_log: Final = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one worker, from its start on."""

    def __init__(self) -> None:
        """Remember when the cluster of processes was last started."""
        self._since = utc_now()

    def begin(self) -> tuple[ToolchainStatus, ...]:
        """Report the toolchains, warm their caches, and hand out jobs."""
        statuses = report_toolchains()
        # Now, and not within the first compile: its lease is renewed only while it runs.
        prepare_toolchains(toolchain_config())
        reap()
        self._since = utc_now()
        return statuses

    def cycle(self) -> bool:
        """Hand out jobs that were lost or forgotten, and judge whether any get done.

        Returns:
            `False` where a job waits too long though nobody works: time for a new cluster.
        """
        handed_out = reap()
        if handed_out:
            _log.info("handed out %s jobs that were lost or forgotten", handed_out)
        health = queue_health(since=self._since)
        if not health.stalled:
            return True
        _log.error(
            "the queue is stalled: %s jobs wait, the oldest for %.0f s, and none runs",
            health.queued,
            health.oldest_wait_seconds,
        )
        self._since = utc_now()
        return False
