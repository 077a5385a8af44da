"""Puts the kernel's limits on a job by starting it through `prlimit`. Starts nothing itself.

The limits are set inside of the sandbox, by the last program before the job's: outside, the
limit on processes would count those of the worker's user on the whole host.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from lifecycle.sandbox.job import Bind, SandboxJob
from lifecycle.sandbox.limits import Limits

INSTALL_HINT: Final = "apt-get install util-linux"
_INSIDE: Final = "/sandbox/tools/prlimit"
_OPEN_FILES: Final = 1024
# Between the signal that says the time is up and the one that ends the process.
_CPU_GRACE_S: Final = 5
# Who watches should see too many processes before the kernel refuses one more: a program that
# is refused often ends at once, and then nobody knows why.
_SEEN_FIRST: Final = 32


def find_limiter() -> str | None:
    """Find `prlimit` on this host."""
    return shutil.which("prlimit") or shutil.which("prlimit", path="/usr/bin:/bin")


def limit_options(limits: Limits) -> tuple[str, ...]:
    """Write the limits as options of `prlimit`."""
    return (
        f"--as={limits.address_space_bytes}",
        f"--cpu={limits.cpu_s}:{limits.cpu_s + _CPU_GRACE_S}",
        f"--fsize={limits.file_size_bytes}",
        f"--nofile={_OPEN_FILES}",
        f"--nproc={limits.processes + _SEEN_FIRST}",
        "--core=0",
    )


def limited(job: SandboxJob, limiter: Bind, libraries: tuple[Bind, ...]) -> SandboxJob:
    """Start the job's program through `prlimit`, and let the sandbox see what that needs."""
    shown = [bind.target for bind in job.binds]
    missing = tuple(bind for bind in libraries if not _is_shown(bind.target, shown))
    return replace(
        job,
        argv=(limiter.target, *limit_options(job.limits), "--", *job.argv),
        binds=(*job.binds, limiter, *missing),
    )


def _is_shown(target: str, shown: list[str]) -> bool:
    """Say whether a path, or a folder around it, is seen inside already."""
    return any(target == path or target.startswith(f"{path}/") for path in shown)


def limiter_bind(path: str) -> Bind:
    """Show `prlimit` inside, at a place of its own."""
    return Bind(Path(path).resolve(), _INSIDE)
