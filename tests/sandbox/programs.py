"""Small hostile programs for the sandbox: a shell or a Python with nothing of the host beside."""

import os
import shutil
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from lifecycle.sandbox.job import OUTPUT_FOLDER, Bind, SandboxJob, SandboxSettings
from lifecycle.sandbox.libraries import library_binds
from lifecycle.sandbox.limits import MIB, Limits
from lifecycle.sandbox.outcome import Outcome
from lifecycle.sandbox.runner import run, shared_libraries

SETTINGS = SandboxSettings()
SHORT = Limits(wall_ms=20_000, tmpfs_bytes=32 * MIB)
OUT = f"{OUTPUT_FOLDER}/made.bin"
_COMMANDS = ("sh", "cat", "id", "kill", "ln", "ls", "mkdir", "mv", "setsid", "sleep", "unshare")


def shell(script: str, limits: Limits = SHORT, files: dict[str, bytes] | None = None) -> SandboxJob:
    """A job that runs a shell script, with the few commands such a script wants."""
    return SandboxJob(
        argv=("/usr/bin/sh", "-c", script),
        files=files or {},
        limits=limits,
        output="made.bin",
        binds=_program_binds(_COMMANDS),
        env={"PATH": "/usr/bin"},
    )


def python(code: str, limits: Limits = SHORT) -> SandboxJob:
    """A job that runs Python code."""
    program = Path(sys.executable).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    extensions = sorted(standard.glob("lib-dynload/*.so"))
    libraries = [found for part in (program, *extensions) for found in shared_libraries(part)]
    home = "/sandbox/tools/python"
    own = [Bind(found.resolve(), f"{home}/lib/{found.name}") for found in libraries]
    binds = [
        Bind(program, f"{home}/bin/python3"),
        Bind(standard, f"{home}/lib/{standard.name}"),
        *library_binds(found for found in libraries if found.name.startswith(("ld-", "libc."))),
        *own,
    ]
    return SandboxJob(
        argv=(f"{home}/bin/python3", "-I", "-S", "-c", code),
        files={},
        limits=limits,
        output="made.bin",
        binds=_unique(binds),
        env={"PYTHONHOME": home, "LD_LIBRARY_PATH": f"{home}/lib"},
    )


def run_shell(script: str, **limits: int) -> Outcome:
    """Run a script within limits."""
    return run(shell(script, replace(SHORT, **limits)), SETTINGS)


def run_python(code: str, **limits: int) -> Outcome:
    """Run Python code within limits."""
    return run(python(code, replace(SHORT, **limits)), SETTINGS)


def processes_with(mark: str) -> list[int]:
    """Find the host's processes that hold a mark in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in words:
            found.append(int(entry.name))
    return found


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Wait until something holds."""
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def _program_binds(names: Iterable[str]) -> tuple[Bind, ...]:
    binds: list[Bind] = []
    for name in names:
        found = shutil.which(name, path="/usr/bin:/bin")
        assert found is not None, name
        binds.append(Bind(Path(found).resolve(), f"/usr/bin/{name}"))
        binds += library_binds(shared_libraries(Path(found).resolve()))
    return _unique(binds)


def _unique(binds: Iterable[Bind]) -> tuple[Bind, ...]:
    return tuple({bind.target: bind for bind in binds}.values())
