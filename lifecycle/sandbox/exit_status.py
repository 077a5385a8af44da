"""Reads how a program ended out of its exit status, as a shell writes it."""

import signal
from typing import Final

from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Cancelled, End, Exited, OutputExceeded, Signaled, TimedOut

_BASE: Final = 128
# What a machine or a service manager sends to every process that it stops, and no limit of ours.
_STOPS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


def end_of(status: int, limits: Limits) -> End:
    """Name the end; a signal of the kernel's limits is told from any other.

    Args:
        status: 0 to 255; above 128 it is a signal's number added to 128. bubblewrap reports a
            signal so, and no compiler exits so by itself. Below 0 it is the signal's number
            negated, as `subprocess` reports it.
        limits: Those that were set.
    """
    number = -status if status < 0 else status - _BASE
    if number not in signal.valid_signals():
        return Exited(status)
    if number == signal.SIGXCPU:
        return TimedOut(limits.cpu_s * 1000)
    if number == signal.SIGXFSZ:
        return OutputExceeded("file_size", limits.file_size_bytes)
    return Cancelled() if number in _STOPS else Signaled(number)
