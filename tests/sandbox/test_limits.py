"""Every limit ends a run under its own name, and is the job's alone."""

from lifecycle.sandbox.limits import KIB, MIB
from lifecycle.sandbox.outcome import (
    Exited,
    MemoryExceeded,
    OutputExceeded,
    ProcessLimitExceeded,
    Signaled,
    TimedOut,
)
from tests.sandbox.programs import OUT, run_python, run_shell

_BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"


def test_wall_time() -> None:
    outcome = run_shell("sleep 60", wall_ms=300)

    assert outcome.end == TimedOut(300)
    assert 300 <= outcome.wall_ms < 3_000


def test_processor_time_of_one_process() -> None:
    outcome = run_shell("while :; do :; done", cpu_s=1)

    assert outcome.end == TimedOut(1_000)


def test_memory_of_one_process() -> None:
    outcome = run_python(
        "import time; x = bytearray(b'x') * (400 << 20); time.sleep(60)",
        tree_memory_bytes=100 * MIB,
    )

    assert outcome.end == MemoryExceeded(100 * MIB)


def test_memory_of_all_processes_together() -> None:
    hungry = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0: x = bytearray(b'x') * (40 << 20); time.sleep(60)\n"
        "time.sleep(60)\n"
    )

    outcome = run_python(hungry, tree_memory_bytes=200 * MIB)

    assert outcome.end == MemoryExceeded(200 * MIB)


def test_address_space_of_one_process() -> None:
    outcome = run_python("bytearray(3 << 30)", address_space_bytes=1024 * MIB)

    assert outcome.end == Exited(1)
    assert b"MemoryError" in outcome.stderr


def test_s33_number_of_processes() -> None:
    outcome = run_python(_BOMB, processes=40)

    assert outcome.end == ProcessLimitExceeded(40)


def test_number_of_threads() -> None:
    many = (
        "import threading, time\n"
        "for _ in range(200): threading.Thread(target=time.sleep, args=(60,)).start()\n"
    )

    outcome = run_python(many, processes=40)

    assert outcome.end == ProcessLimitExceeded(40)


def test_two_runs_do_not_count_each_others_processes() -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.3 & done; wait; echo done"

    outcomes = [run_shell(script, processes=16) for _ in range(2)]

    assert [outcome.stdout for outcome in outcomes] == [b"done\n", b"done\n"]


def test_space_for_files() -> None:
    outcome = run_shell(f"while :; do cat /usr/bin/sh; done > {OUT}", tmpfs_bytes=8 * MIB)

    assert outcome.end == OutputExceeded("disk", 8 * MIB)


def test_many_files_of_any_size() -> None:
    outcome = run_shell("i=0; while :; do i=$((i+1)); mkdir d$i; done", file_count=300)

    assert outcome.end == OutputExceeded("file_count", 300)


def test_ten_gigabytes_of_output_stop_at_the_space_for_files() -> None:
    endless = (
        "b = bytes(1 << 20)\nwith open('big', 'wb') as f:\n    for _ in range(10240): f.write(b)"
    )

    outcome = run_python(endless)

    assert outcome.end == OutputExceeded("disk", 32 * MIB)


def test_size_of_one_file() -> None:
    outcome = run_python(
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "open('big', 'wb').write(bytes(2 << 20))",
        file_size_bytes=1 * MIB,
    )

    assert outcome.end == OutputExceeded("file_size", 1 * MIB)


def test_size_of_the_output() -> None:
    outcome = run_shell(f"cat /usr/bin/sh > {OUT}", output_bytes=10 * KIB)

    assert outcome.end == OutputExceeded("output", 10 * KIB)
    assert outcome.output is None


def test_length_of_the_log() -> None:
    outcome = run_shell("while :; do echo aaaaaaaaaaaaaaaaaaaaa; done", log_flood_bytes=2 * MIB)

    assert outcome.end == OutputExceeded("log", 2 * MIB)


def test_the_head_of_a_long_log_is_kept_and_the_run_goes_on() -> None:
    outcome = run_python("for i in range(100000): print(i)", log_bytes=4 * KIB)

    assert outcome.end == Exited(0)
    assert len(outcome.stdout) == 4 * KIB
    assert outcome.stdout.startswith(b"0\n1\n2\n")


def test_s29_a_program_that_is_ended_by_a_signal_says_which() -> None:
    outcome = run_shell("kill -SEGV $$")

    assert outcome.end == Signaled(11)
