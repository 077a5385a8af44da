"""Starts the service's own commands as the processes that they are, and looks after them.

Nothing here checks anything.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANAGE = ROOT / "manage.py"
_OTHERS = ("WORLDSIM_", "DATABASE_URL", "REDIS_URL", "PORT", "DJANGO_SETTINGS_MODULE")


def environment(data: Path, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment of a service that stores in a folder, with nothing of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    return {**kept, "WORLDSIM_DATA": str(data), **(changes or {})}


def manage(
    data: Path, *argv: str, stdin: str = "", changes: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command of ours to its end."""
    return run([sys.executable, str(MANAGE), *argv], data, stdin=stdin, changes=changes)


def run(
    argv: Sequence[str], data: Path, *, stdin: str = "", changes: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run any program to its end, with the environment of a service."""
    return subprocess.run(
        argv,
        env=environment(data, changes),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Running:
    """A command that runs on, with what it says in a file."""

    def __init__(self, env: Mapping[str, str], log: Path, *argv: str) -> None:
        """Start it in a session of its own."""
        self._log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(MANAGE), *argv],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Give what it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def descendants(self) -> list[int]:
        """List all processes below it, by their parents."""
        return descendants_of(self.process.pid)

    def stop(self, number: signal.Signals = signal.SIGINT, timeout_s: float = 30) -> int:
        """Signal it and wait; give its exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def make_sure_it_is_gone(self) -> None:
        """Kill what is left of it, so that no test leaves a process behind."""
        left = self.descendants()
        self.process.kill()
        self.process.wait()
        for pid in left:
            kill_quietly(pid)


def kill_quietly(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Signal a process that may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def descendants_of(pid: int) -> list[int]:
    """List all processes below one, parents first."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found, to_visit = [], [pid]
    while to_visit:
        below = children.get(to_visit.pop(0), [])
        found += below
        to_visit += below
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(folder.name), int(parent)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be buried does not."""
    return any(pid == known for known, _ in _parents())


def eventually(holds: Callable[[], bool], within_s: float = 30.0) -> bool:
    """Look again and again until something holds; say whether it ever did."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if holds():
            return True
        time.sleep(0.05)
    return holds()
