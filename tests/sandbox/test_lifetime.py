"""Nothing of a run outlives it: no process, no folder, no descriptor, whoever is killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Cancelled, Exited, Outcome, TimedOut
from lifecycle.sandbox.runner import run
from lifecycle.sandbox.supervision import Said
from tests.sandbox.programs import SETTINGS, processes_with, run_shell, shell, within

_ROOT = Path(__file__).parents[2]


def leftovers() -> list[str]:
    return [path.name for path in Path(tempfile.gettempdir()).glob("worldsim-run-*")]


def test_s31_a_child_that_leaves_session_and_parent_dies_with_the_run() -> None:
    mark = "3600.10001"
    script = f"setsid sh -c 'setsid sleep {mark} & sleep {mark}' & setsid sleep {mark} & sleep 60"

    outcome = run_shell(script, wall_ms=500)

    assert outcome.end == TimedOut(500)
    assert processes_with(mark) == []


def test_a_background_child_does_not_hold_up_a_run_that_is_done() -> None:
    mark = "3600.10002"

    outcome = run_shell(f"setsid sleep {mark} & echo done")

    assert outcome.end == Exited(0)
    assert outcome.wall_ms < 5_000
    assert processes_with(mark) == []


def test_a_worker_killed_in_mid_run_leaves_no_process_and_no_folder() -> None:
    mark = "3600.10003"
    code = (
        "from tests.sandbox.programs import run_shell\n"
        f"run_shell('setsid sleep {mark} & setsid sleep {mark} & sleep {mark}', wall_ms=60000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=_ROOT) as worker:
        assert within(20, lambda: len(processes_with(f"sleep\0{mark}")) == 3)

        os.kill(worker.pid, signal.SIGKILL)

        assert within(5, lambda: processes_with(mark) == [])
        assert leftovers() == []


def test_a_worker_killed_while_the_sandbox_is_set_up_runs_nothing_and_the_next_run_cleans_up() -> (
    None
):
    mark = "3600.10006"
    code = (
        "import os, signal\n"
        "from lifecycle.sandbox.contained import Start\n"
        "from tests.sandbox.programs import run_shell, SETTINGS\n"
        "from lifecycle.sandbox.runner import sandbox_status\n"
        "assert sandbox_status(SETTINGS).available\n"
        "Start.release = lambda start: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"run_shell('sleep {mark}', wall_ms=60000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=_ROOT) as worker:
        assert worker.wait(30) == -signal.SIGKILL
    assert processes_with(f"sleep\0{mark}") == []

    assert within(10, lambda: run_shell("true").end == Exited(0) and processes_with(mark) == [])


def test_a_tick_that_says_no_ends_the_run() -> None:
    mark = "3600.10004"
    job = shell(f"sleep {mark}", Limits(wall_ms=30_000))

    outcome = run(job, SETTINGS, on_tick=lambda _: False)

    assert outcome.end == Cancelled()
    assert outcome.wall_ms < 5_000
    assert processes_with(mark) == []


def test_the_tick_comes_about_once_a_second_in_the_callers_thread() -> None:
    ticks: list[int] = []

    def on_tick(_: Said) -> bool:
        ticks.append(threading.get_ident())
        return True

    outcome = run(shell("sleep 2.6"), SETTINGS, on_tick=on_tick)

    assert outcome.end == Exited(0)
    assert ticks == [threading.get_ident()] * 2


def test_a_tick_that_raises_ends_the_run_too() -> None:
    mark = "3600.10005"

    def on_tick(_: Said) -> bool:
        raise KeyError(mark)

    try:
        run(shell(f"sleep {mark}"), SETTINGS, on_tick=on_tick)
    except KeyError:
        assert processes_with(f"sleep\0{mark}") == []
    else:
        raise AssertionError


def test_runs_in_several_threads_do_not_disturb_each_other() -> None:
    done: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda n=n: done.append(run_shell(f"sleep 0.2; echo {n}")))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.stdout for outcome in done) == [b"0\n", b"1\n", b"2\n", b"3\n"]


def test_no_descriptor_and_no_dead_child_is_left() -> None:
    run_shell("echo warm")
    before = len(list(Path("/proc/self/fd").iterdir()))

    for script in ("echo x", "exit 3", "kill -KILL $$"):
        run_shell(script)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    assert [pid for pid in children if "(bwrap)" in Path(f"/proc/{pid}/stat").read_text()] == []
