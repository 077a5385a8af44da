"""The order in which the supervisor ends its children: the model outlives the turns that ask it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifecycle.management import local_agent
from lifecycle.management.local_agent import LocalAgent
from lifecycle.management.supervisor import commands_of
from tests.programs import ROOT, eventually

# A child that says when it begins and when it ends, and takes its time to end.
_CHILD = """
import signal, sys, time
name, seconds, told = sys.argv[1], float(sys.argv[2]), sys.argv[3]
def say(what):
    with open(told, "a") as lines:
        lines.write(f"{name} {what}\\n")
def end(*_):
    say("asked")
    time.sleep(seconds)
    say("ended")
    sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, end)
say("began")
while True:
    time.sleep(0.05)
"""
_SUPERVISOR = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from lifecycle.management.supervisor import Child, Command, Supervisor
child, told = sys.argv[2], sys.argv[3]
def made(name, seconds, number, last):
    command = Command(name, [child, name, seconds, told], number, ends_last=last)
    return Child(command, {})
Supervisor(
    [
        made("model", "0", signal.SIGTERM, True),
        made("web", "1.5", signal.SIGTERM, False),
        made("agents", "2.0", signal.SIGINT, False),
    ],
    lambda line: print(line, flush=True),
).run()
"""
_NAMES = ("model", "web", "agents")


class Supervised:
    """A supervisor of three children, and what they say."""

    def __init__(self, folder: Path) -> None:
        self._told = folder / "told"
        child = folder / "child.py"
        child.write_text(_CHILD, encoding="utf-8")
        argv = [sys.executable, "-c", _SUPERVISOR, str(ROOT), str(child), str(self._told)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)

    def lines(self) -> list[str]:
        return self._told.read_text(encoding="utf-8").splitlines() if self._told.exists() else []

    def all_began(self) -> bool:
        return {f"{name} began" for name in _NAMES} <= set(self.lines())


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    started = Supervised(tmp_path)
    try:
        assert eventually(started.all_began, 20)
        yield started
    finally:
        if started.process.poll() is None:
            # The second signal ends the children at once, and the supervisor with them.
            started.process.send_signal(signal.SIGTERM)
            started.process.send_signal(signal.SIGTERM)
        started.process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_the_others_ask_is_asked_to_end_when_they_have_ended(
    supervised: Supervised, number: signal.Signals
) -> None:
    supervised.process.send_signal(number)

    assert supervised.process.wait(20) == 0
    lines = supervised.lines()
    assert sorted(lines[-2:]) == ["model asked", "model ended"]
    assert lines.index("agents ended") < lines.index("model asked")
    assert lines.index("web ended") < lines.index("model asked")
    # The others are not made to wait for one another.
    assert lines.index("web asked") < lines.index("agents ended")
    assert lines.index("agents asked") < lines.index("web ended")


def test_of_the_service_the_local_model_alone_ends_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_agent, "require_packages", lambda: None)
    monkeypatch.setattr(local_agent, "require_free", lambda *_: None)

    model = LocalAgent(8081).command(Path("manage.py"))

    assert model.ends_last
    assert [each.ends_last for each in commands_of(Path("manage.py"), 3)] == [False] * 3
