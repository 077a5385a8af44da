"""What a contained program sees of the host: the tools it was given, and nothing else."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from lifecycle.sandbox.job import Bind, CacheMount
from lifecycle.sandbox.outcome import Exited
from lifecycle.sandbox.runner import run
from tests.sandbox.programs import OUT, SETTINGS, python, run_python, run_shell, shell

_HOSTS_OWN = (
    "/etc",
    "/home",
    "/opt",
    "/proc/cpuinfo",
    "/proc/self",
    "/root",
    "/srv",
    "/sys",
    "/usr/local",
    "/usr/share",
    "/var",
)


def test_no_folder_of_the_host_is_there() -> None:
    outcome = run_shell(f"ls -d {' '.join(_HOSTS_OWN)} /")

    assert outcome.stdout == b"/\n"


def test_only_the_null_device_is_there() -> None:
    outcome = run_shell("ls /dev")

    assert outcome.stdout == b"null\n"


def test_every_file_inside_was_put_there_for_the_job() -> None:
    walk = (
        "import os\n"
        "for folder, _, names in os.walk('/'):\n"
        "    for name in names:\n"
        "        path = os.path.join(folder, name)\n"
        "        if os.path.exists(path): print(path)\n"
    )
    job = python(walk)
    given = {bind.target for bind in job.binds}
    tools = ("/sandbox/tools/", "/usr/lib/", "/lib64/", "/usr/lib64/")

    seen = run(job, SETTINGS).stdout.decode().splitlines()

    assert seen
    for path in seen:
        known = path in given or path.startswith("/sandbox/tools/") or path == "/dev/null"
        assert known or path.startswith(tools), path


def test_a_file_of_the_host_cannot_be_read_by_its_path(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-5309")
    secret.chmod(0o644)

    outcome = run_shell(f"cat {secret}")

    assert outcome.end != Exited(0)
    assert b"canary-5309" not in outcome.stdout + outcome.stderr


def test_the_environment_is_the_jobs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLDSIM_SECRET_KEY", "canary-7741")

    outcome = run_python("import os; print(sorted(os.environ))")

    assert b"WORLDSIM" not in outcome.stdout
    assert b"PYTHONHOME" in outcome.stdout


def test_there_is_no_network_not_even_the_hosts_own() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0)
        port = listener.getsockname()[1]

        outcome = run_python(
            "import socket\n"
            f"for host in ('127.0.0.1', '1.1.1.1'):\n"
            f"    try: socket.create_connection((host, {port}), 2); print('reached', host)\n"
            "    except OSError as error: print('refused', host)\n"
        )

        with pytest.raises(BlockingIOError):
            listener.accept()
    assert outcome.stdout == b"refused 127.0.0.1\nrefused 1.1.1.1\n"


def test_tools_cannot_be_changed() -> None:
    outcome = run_shell("echo x > /usr/bin/cat; echo x > /new; mkdir /sandbox/tools/x; echo end")

    assert outcome.stdout == b"end\n"
    assert (
        outcome.stderr.count(b"Read-only file system") + outcome.stderr.count(b"Permission denied")
        == 3
    )


def test_the_job_is_not_root_and_cannot_make_a_namespace_in_which_it_is() -> None:
    outcome = run_shell("id -u; unshare -U -r id -u")

    assert outcome.stdout == b"1000\n"
    assert outcome.end != Exited(0)


def test_the_processes_of_the_host_cannot_be_signalled() -> None:
    outcome = run_shell(f"kill -0 {os.getpid()}")

    assert outcome.end != Exited(0)


def test_what_is_written_to_a_cache_is_gone_with_the_run(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "known").write_text("from the host")
    if os.geteuid() == 0:
        for path in (cache, cache / "known"):
            os.chown(path, SETTINGS.user_id, SETTINGS.user_id)
    mount = CacheMount(cache, "/sandbox/tools/cache")
    job = shell(
        "cd /sandbox/tools/cache; cat known; echo poison > known; echo more > new; cat known"
    )

    outcome = run(replace(job, caches=(mount,)), SETTINGS)

    assert outcome.stdout == b"from the hostpoison\n"
    assert sorted(path.name for path in cache.iterdir()) == ["known"]
    assert (cache / "known").read_text() == "from the host"


def test_a_tool_in_a_folder_closed_to_others_is_reached_all_the_same(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "tool.txt").write_text("a tool of root's")
    job = shell("cat /sandbox/tools/tool.txt; ls /sys /sandbox/tools")
    bind = Bind(closed / "tool.txt", "/sandbox/tools/tool.txt")

    outcome = run(replace(job, binds=(*job.binds, bind)), SETTINGS)

    assert outcome.stdout.startswith(b"a tool of root's")
    assert b"/sys" in outcome.stderr


def test_s15_the_output_folder_is_fresh_whatever_the_package_holds() -> None:
    files = {"out/made.bin": b"fake", "made.bin": b"fake", "target/made.bin": b"fake"}

    outcome = run(shell("ls -A ../out; cat out/made.bin", files=files), SETTINGS)

    assert outcome.end == Exited(0)
    assert outcome.stdout == b"fake"
    assert outcome.output is None


def test_the_output_comes_back_whole() -> None:
    outcome = run_shell(f"cat /usr/bin/sh > {OUT}")

    assert outcome.output == Path("/bin/sh").resolve().read_bytes()


@pytest.mark.parametrize(
    "trick",
    [
        f"ln -s /etc/passwd {OUT}",
        f"ln -s /usr/bin/sh {OUT}",
        f"mkdir {OUT}",
        "mv ../out ../old; ln -s /etc ../out",
        "mv ../out ../old; mkdir ../out; echo x > ../out/made.bin",
    ],
)
def test_a_link_or_a_folder_is_never_taken_for_the_output(trick: str) -> None:
    outcome = run_shell(trick)

    assert outcome.end == Exited(0)
    assert outcome.output is None
