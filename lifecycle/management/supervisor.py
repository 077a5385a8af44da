"""Starts the processes of `serve`, starts them again when they die, and stops them all.

The one place outside of `sandbox` that starts processes: this project's own commands, and no
others. What the processes do stands in their commands.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_LOOK_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 6.0
_LONG_LIFE_SECONDS: Final = 30.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_STOPPED_HARD: Final = 130

Say = Callable[[str], None]


class Command(NamedTuple):
    """A command to keep running.

    Attributes:
        name: What messages call it.
        argv: `manage.py` and the command.
        stop_signal: What tells it to end well.
        descriptors: Open files that it inherits.
        may_start: Asked until it says so, ten times a second, before the command is started.
        ends_last: Whether the others ask it, so that it stays until they have ended.
    """

    name: str
    argv: Sequence[str]
    stop_signal: signal.Signals
    descriptors: Sequence[int] = ()
    may_start: Callable[[], bool] | None = None
    ends_last: bool = False


class Child:
    """One command that is kept running.

    Args:
        command: The command.
        changes: What differs in its environment from ours.
    """

    def __init__(self, command: Command, changes: Mapping[str, str]) -> None:
        """Remember what to start; nothing runs yet."""
        self.name, self.ends_last = command.name, command.ends_last
        self._command = command
        self._argv = [sys.executable, *command.argv, "--parent", str(os.getpid())]
        self._environment = {**os.environ, **changes}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0
        self._start_at_s = 0.0
        self._early_deaths = 0

    def look(self, say: Say) -> None:
        """Start it where it is due, and notice where it has died."""
        if self._process is None:
            if time.monotonic() >= self._start_at_s and self._may_start():
                self._start()
        elif self._process.poll() is not None:
            say(self._bury(self._process))

    def _may_start(self) -> bool:
        return self._command.may_start is None or self._command.may_start()

    def _start(self) -> None:
        # In a session of its own: the terminal's Ctrl-C reaches us alone, and we stop the others.
        self._process = subprocess.Popen(
            self._argv,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self._command.descriptors,
            start_new_session=True,
        )
        self._started_s = time.monotonic()

    def _bury(self, process: "subprocess.Popen[bytes]") -> str:
        now_s = time.monotonic()
        lived_long = now_s - self._started_s > _LONG_LIFE_SECONDS
        self._early_deaths = 0 if lived_long else self._early_deaths + 1
        pause_s = min(_FIRST_PAUSE_SECONDS * 2**self._early_deaths, _LONGEST_PAUSE_SECONDS)
        self._process, self._start_at_s = None, now_s + pause_s
        how = _how_it_ended(process.returncode)
        return f"The {self.name} ended ({how}); it starts again in {pause_s:g} s."

    def ask_to_stop(self) -> None:
        """Tell it to end well."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self._command.stop_signal)

    def has_ended(self) -> bool:
        """Say whether it runs no more."""
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End it now; what it started is tied to it and ends too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Supervisor:
    """Keeps children running until a signal says to stop."""

    def __init__(self, children: Sequence[Child], say: Say) -> None:
        """Take the children, none of them running yet."""
        self._children = children
        self._say = say
        self._signals = 0

    def run(self) -> None:
        """Run until Ctrl-C, SIGTERM or the terminal's end; a second signal stops hard."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        while not self._signals:
            for child in self._children:
                child.look(self._say)
            time.sleep(_LOOK_SECONDS)
        self._say("Stopping. Ctrl-C again stops at once.")
        self._stop()

    def _note_signal(self, *_: object) -> None:
        self._signals += 1
        if self._signals > 1:
            for child in self._children:
                child.kill()
            os._exit(_STOPPED_HARD)

    def _stop(self) -> None:
        # A turn must not take it for a fault of the model that we are about to end.
        for last in (False, True):
            self._end([child for child in self._children if child.ends_last is last])

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            child.ask_to_stop()
        deadline_s = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline_s and not all(child.has_ended() for child in children):
            time.sleep(_LOOK_SECONDS)
        for child in children:
            if not child.has_ended():
                self._say(f"The {child.name} did not stop in time and was killed.")
            child.kill()


def commands_of(
    manage: Path, listener_fd: int, agents_may_start: Callable[[], bool] | None = None
) -> tuple[Command, ...]:
    """Give the web server, the worker that compiles, and the one that takes agents' turns.

    Args:
        manage: The path of `manage.py`.
        listener_fd: The open socket that the web server answers on.
        agents_may_start: Whether what the agents' worker asks is there yet.
    """
    web = Command(
        "web server",
        [str(manage), "web", "--fd", str(listener_fd)],
        signal.SIGTERM,
        [listener_fd],
    )
    worker = Command("worker", [str(manage), "worker"], signal.SIGINT)
    agents = Command(
        "agents' worker",
        [str(manage), "worker", "--agents"],
        signal.SIGINT,
        may_start=agents_may_start,
    )
    return web, worker, agents


def _how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"killed by signal {-returncode}"
    return f"exit status {returncode}"
