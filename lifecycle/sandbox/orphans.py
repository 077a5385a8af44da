"""Ends sandboxes whose worker was killed while they were being set up. Starts nothing.

bubblewrap asks to die with its parent only once it has set everything up; one that loses its
worker a few milliseconds before that waits for its release for ever. It runs nothing, but it is
there. The next run of any worker ends it.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_NAME: Final = "WORLDSIM_WORKER"
_MARK: Final = f"\0--setenv\0{_NAME}\0".encode()
_LOOK_S: Final = 2.0
_last_look_s = [0.0]


def mark() -> tuple[str, ...]:
    """Give the options that name this worker on bubblewrap's command line.

    They come before the one that clears the environment, so nothing inside sees them.
    """
    return ("--setenv", _NAME, str(os.getpid()))


def end_orphans() -> None:
    """Kill every sandbox whose worker is gone; looks every two seconds at most."""
    now_s = time.monotonic()
    if now_s < _last_look_s[0] + _LOOK_S:
        return
    _last_look_s[0] = now_s
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _is_orphan(entry):
            with suppress(OSError):
                os.kill(int(entry.name), signal.SIGKILL)


def _is_orphan(process: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes()
    except OSError:
        return False
    _, found, rest = words.partition(_MARK)
    worker = rest.partition(b"\0")[0]
    # The mark stands right behind the program's name, where no one else's words can be.
    is_ours = bool(found) and words.index(_MARK) == words.index(b"\0") and worker.isdigit()
    return is_ours and not Path(f"/proc/{worker.decode()}").exists()
