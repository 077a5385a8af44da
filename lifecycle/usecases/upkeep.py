"""What workers do besides their work: report, hand out what was lost, watch the queue."""

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings

from lifecycle.toolchains.catalog import prepare_toolchains
from lifecycle.toolchains.results import ToolchainStatus
from lifecycle.usecases.check_jobs import reap_checks
from lifecycle.usecases.checkpoints import hand_out_due
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import reap
from lifecycle.usecases.compilers import report_toolchains, toolchain_config
from lifecycle.usecases.queries.health import queue_health
from lifecycle.usecases.rates import forget_old_counts
from lifecycle.usecases.rebuilds import reap_rebuilds
from lifecycle.usecases.runs import look_at_turns, reap_runs

_SIGN_EVERY: Final = timedelta(minutes=1)
_log: Final = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one worker, from its start on."""

    def __init__(self) -> None:
        """Remember when the cluster of processes was last started; sign in the first cycle."""
        self._since = utc_now()
        self._signed_at = self._since - _SIGN_EVERY

    def begin(self) -> tuple[ToolchainStatus, ...]:
        """Report the toolchains, warm their caches, and hand out jobs."""
        statuses = report_toolchains()
        # Now, and not within the first compile: its lease is renewed only while it runs.
        prepare_toolchains(toolchain_config())
        reap()
        reap_rebuilds()
        self._since = utc_now()
        return statuses

    def cycle(self) -> bool:
        """Hand out jobs that were lost or forgotten, and judge whether any get done.

        Returns:
            `False` where a job waits too long though nobody works: time for a new cluster.
        """
        forget_old_counts()
        handed_out = reap() + reap_rebuilds()
        if handed_out:
            _log.info("handed out %s jobs that were lost or forgotten", handed_out)
        reap_checks()
        self._sign_when_due()
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

    def _sign_when_due(self) -> None:
        """Look for worlds to sign once a minute; it reads all worlds."""
        now = utc_now()
        if now - self._signed_at >= _SIGN_EVERY:
            self._signed_at = now
            hand_out_due()


class RunsUpkeep:
    """The upkeep of one worker that takes agents' turns, from its start on."""

    def __init__(self) -> None:
        """Remember when turns were last seen to be taken."""
        self._well_at = utc_now()
        self._turns_seen = 0

    def begin(self) -> None:
        """Hand out the runs that an earlier worker left."""
        reap_runs()
        self._well_at = utc_now()

    def cycle(self) -> bool:
        """Hand out runs that were lost or forgotten, and judge whether any turns are taken.

        Returns:
            `False` where runs wait too long though no turn is taken: time for a new cluster.
        """
        handed_out = reap_runs()
        if handed_out:
            _log.info("handed out %s runs that were lost or forgotten", handed_out)
        waiting, turns = look_at_turns()
        now = utc_now()
        if not waiting or turns != self._turns_seen:
            self._well_at, self._turns_seen = now, turns
        if now - self._well_at <= timedelta(seconds=settings.ENVIRONMENT.stall_seconds):
            return True
        _log.error("the agents' queue is stalled: runs wait, and no turn is taken")
        self._well_at = now
        return False
