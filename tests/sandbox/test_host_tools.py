"""Tools of the host that take more than a moment: they end with the process that started them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from lifecycle.sandbox.runner import ask_tool
from tests.programs import ROOT, descendants_of, eventually, is_alive

ENV = {"PATH": "/usr/bin:/bin"}
ASKING = (
    "from lifecycle.sandbox.runner import ask_tool; "
    "ask_tool(('sh', '-c', 'sleep 60 & sleep 61'), env={'PATH': '/usr/bin:/bin'}, tied=True)"
)


def test_a_tied_tool_answers_as_any_other() -> None:
    argv = ("sh", "-c", "echo said; echo told >&2; exit 3")

    assert ask_tool(argv, env=ENV, tied=True) == ask_tool(argv, env=ENV)


def test_a_tied_tool_and_what_it_started_end_with_a_killed_asker() -> None:
    asker = subprocess.Popen([sys.executable, "-c", ASKING], cwd=ROOT)
    try:
        assert eventually(lambda: len(descendants_of(asker.pid)) >= 4)
        family = descendants_of(asker.pid)
        asker.send_signal(signal.SIGKILL)
        assert eventually(lambda: not any(map(is_alive, family)), within_s=5)
    finally:
        asker.kill()
        asker.wait()


def test_a_tied_tool_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    argv = ("sh", "-c", f"sleep 60 & echo $! > {mark}; wait")
    started_s = time.monotonic()

    assert ask_tool(argv, env=ENV, timeout_s=2, tied=True) is None

    assert time.monotonic() - started_s < 30
    assert not is_alive(int(mark.read_text()))


def test_a_tool_that_is_not_there_gives_no_answer() -> None:
    assert ask_tool(("no-such-tool",), env=ENV) is None
