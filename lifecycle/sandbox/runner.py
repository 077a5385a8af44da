"""The only place that starts a process. It judges no content and knows no toolchain."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from lifecycle.sandbox import limiter
from lifecycle.sandbox.bare import LAUNCHER, BareStart, FolderSpace
from lifecycle.sandbox.bubblewrap import (
    INSTALL_HINT,
    Bubblewrap,
    find_bubblewrap,
    parse_version,
)
from lifecycle.sandbox.contained import Contained, Start
from lifecycle.sandbox.errors import SandboxError, SandboxUnavailableError
from lifecycle.sandbox.exit_status import end_of
from lifecycle.sandbox.job import SandboxJob, SandboxSettings, SandboxStatus
from lifecycle.sandbox.launch import Launch
from lifecycle.sandbox.libraries import library_binds, parse_ldd, root_links
from lifecycle.sandbox.limits import MIB, Limits
from lifecycle.sandbox.orphans import end_orphans
from lifecycle.sandbox.outcome import End, Exited, Outcome, OutputExceeded
from lifecycle.sandbox.supervision import OnTick, Sighting, Watched, judge_space, watch
from lifecycle.sandbox.workspace import Space, read_output

_DEATH_S: Final = 10.0
_PROBE_LIMITS: Final = Limits(wall_ms=10_000, tmpfs_bytes=1 * MIB)
_KNOWN: Final[dict[SandboxSettings, Bubblewrap]] = {}
_KNOWN_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a trusted tool said."""

    code: int
    stdout: str
    stderr: str


def ask_tool(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
    tied: bool = False,
) -> ToolAnswer | None:
    """Run a tool of the host's own, such as ``rustc --version``; never on anyone's input.

    Args:
        argv: The tool and its arguments.
        env: Its whole environment.
        timeout_s: How long it may take.
        tied: Whether it, and all that it starts, ends with this process, however that ends; for
            tools that take more than a moment.

    Returns:
        Its answer, or `None` where it cannot be started or does not end in time.
    """
    launcher = (sys.executable, "-I", "-S", str(LAUNCHER)) if tied else ()
    try:
        process = subprocess.Popen(
            [*launcher, *argv],
            env=dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError:
        return None
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            # The launcher takes its tree along, which it could not if it were killed.
            process.send_signal(signal.SIGTERM if tied else signal.SIGKILL)
            return None
    told = stdout.decode(errors="replace"), stderr.decode(errors="replace")
    return ToolAnswer(process.returncode, *told)


@lru_cache(maxsize=64)
def shared_libraries(program: Path) -> tuple[Path, ...]:
    """List the shared libraries that a program of the host needs; none where it is static."""
    answer = ask_tool(["ldd", str(program)], env={"PATH": os.defpath, "LC_ALL": "C"})
    return parse_ldd(answer.stdout) if answer is not None and answer.code == 0 else ()


def sandbox_status(settings: SandboxSettings) -> SandboxStatus:
    """Say whether a sandbox works here, by having run something in it."""
    found = _bubblewrap(settings)
    if isinstance(found, Bubblewrap):
        version = ".".join(map(str, found.version))
        return SandboxStatus(
            available=True, kind="bubblewrap", version=version, problem=None, install_hint=None
        )
    return found


def run(job: SandboxJob, settings: SandboxSettings, *, on_tick: OnTick | None = None) -> Outcome:
    """Run one job in the sandbox, and leave nothing of it behind.

    Call it from a thread that lives until it returns: the kernel kills the sandbox when the
    thread that started it ends.

    Args:
        job: What to run.
        settings: The operator's choices.
        on_tick: Called about every second in this thread with the end of what the job has said;
            False ends the run as `Cancelled`.

    Raises:
        SandboxUnavailableError: No sandbox works here, and none is not allowed.
        SandboxError: The sandbox failed; the job has not been judged.
    """
    found = _bubblewrap(settings)
    if isinstance(found, Bubblewrap):
        return _run_contained(found, _with_limits(job), settings, on_tick)
    if settings.allow_unsandboxed:
        return _run_bare(_with_limits(job), settings, on_tick)
    raise SandboxUnavailableError(found)


# -- finding and trying the sandbox


def _bubblewrap(settings: SandboxSettings) -> Bubblewrap | SandboxStatus:
    """Find a sandbox that works; a success is remembered, a failure is tried anew."""
    with _KNOWN_LOCK:
        if settings not in _KNOWN:
            found = _try_bubblewrap(settings)
            if isinstance(found, SandboxStatus):
                return found
            _KNOWN[settings] = found
        return _KNOWN[settings]


def _try_bubblewrap(settings: SandboxSettings) -> Bubblewrap | SandboxStatus:
    path = find_bubblewrap(settings.bubblewrap)
    if path is None:
        return _unavailable("bubblewrap is not installed", INSTALL_HINT)
    if limiter.find_limiter() is None:
        return _unavailable("prlimit is not installed", limiter.INSTALL_HINT)
    answer = ask_tool([str(path), "--version"])
    version = parse_version(answer.stdout) if answer is not None and answer.code == 0 else None
    if version is None:
        return _unavailable(f"{path} does not tell its version", INSTALL_HINT)
    problem: str | None = None
    for strict in (True, False):
        candidate = Bubblewrap(path, version, no_nested_namespaces=strict)
        problem = _probe(candidate, settings)
        if problem is None:
            return candidate
    return _unavailable(f"bubblewrap does not work here: {problem}", None)


def _unavailable(problem: str, hint: str | None) -> SandboxStatus:
    return SandboxStatus(
        available=False, kind="none", version=None, problem=problem, install_hint=hint
    )


def _probe(candidate: Bubblewrap, settings: SandboxSettings) -> str | None:
    """Run a program that does nothing; say what is wrong, or `None`."""
    job = SandboxJob(
        argv=("/sandbox/tools/prlimit", "--version"), files={}, limits=_PROBE_LIMITS, output="none"
    )
    try:
        outcome = _run_contained(candidate, _with_limits(job), settings, None)
    except (SandboxError, OSError) as error:
        return str(error)
    if outcome.end == Exited(0):
        return None
    return f"{outcome.end}: {outcome.stderr.decode(errors='replace')[:500]}"


def _with_limits(job: SandboxJob) -> SandboxJob:
    """Let the job be started through `prlimit`."""
    path = Path(limiter.find_limiter() or "prlimit")
    binds = library_binds(shared_libraries(path))
    links = root_links()
    taken = {link.path for link in job.links}
    limited = limiter.limited(job, limiter.limiter_bind(str(path)), binds)
    return replace(limited, links=(*(link for link in links if link.path not in taken), *job.links))


# -- one contained run


def _run_contained(
    program: Bubblewrap, job: SandboxJob, settings: SandboxSettings, on_tick: OnTick | None
) -> Outcome:
    started_s = time.monotonic()
    end_orphans()
    with ExitStack() as stack:
        start = Start.prepare(program, job, _drop_to(settings), stack)
        process = _spawn(start.launch, stack)
        start.close_info()
        sandbox = Contained.attach(start, settings.user_id, stack)
        if sandbox is None:
            raise SandboxError(f"the sandbox did not start: {_last_words(process)}")
        start.release()
        watching = _Watching(sandbox.workspace.space, 2, job.limits, on_tick, started_s)
        end, sighting = _watch(process, watching, stack)
        sandbox.end()
        made = _output(end, sandbox.workspace.output, job)
    return _outcome(end, sighting, made, watching, sandboxed=True)


def _run_bare(job: SandboxJob, settings: SandboxSettings, on_tick: OnTick | None) -> Outcome:
    """Run a job in a folder of its own, without a sandbox, because the operator said so."""
    started_s = time.monotonic()
    with ExitStack() as stack:
        start = BareStart.prepare(job, _drop_to(settings), stack)
        process = _spawn(start.launch, stack)
        space = FolderSpace(start.folder, job.limits)
        watching = _Watching(space, 1, job.limits, on_tick, started_s)
        end, sighting = _watch(process, watching, stack)
        # The launcher ends the whole tree before itself.
        process.terminate()
        process.wait(_DEATH_S)
        made = _output(end, start.output, job)
    return _outcome(end, sighting, made, watching, sandboxed=False)


@dataclass(frozen=True, slots=True)
class _Watching:
    """What to watch a tree by; of its tasks, `own_tasks` are the runner's."""

    space: Callable[[], Space]
    own_tasks: int
    limits: Limits
    on_tick: OnTick | None
    started_s: float


def _output(end: End, folder: int, job: SandboxJob) -> bytes | int | None:
    """Read what a job made, if it ended well."""
    if end != Exited(0):
        return None
    return read_output(folder, job.output, job.limits.output_bytes)


def _outcome(
    end: End, sighting: Sighting, made: bytes | int | None, watching: _Watching, *, sandboxed: bool
) -> Outcome:
    if isinstance(made, int):
        end, made = OutputExceeded("output", watching.limits.output_bytes), None
    wall_ms = round((time.monotonic() - watching.started_s) * 1000)
    return Outcome(end, sighting.stdout, sighting.stderr, made, wall_ms, sandboxed)


def _drop_to(settings: SandboxSettings) -> int | None:
    """Whom to become before the sandbox: the limit on processes does not bind root."""
    return settings.user_id if os.geteuid() == 0 else None


def _spawn(launch: Launch, stack: ExitStack) -> subprocess.Popen[bytes]:
    """Start a tree in a session of its own; its first process dies with the stack."""
    user = launch.user
    process = stack.enter_context(
        subprocess.Popen(
            launch.argv,
            env=launch.env,
            cwd=launch.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=launch.pass_fds,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    )
    stack.callback(process.kill)
    return process


def _watch(
    process: subprocess.Popen[bytes], watched: _Watching, stack: ExitStack
) -> tuple[End, Sighting]:
    """Follow a tree to its end, whoever brings it about."""
    exit_fd = os.pidfd_open(process.pid)
    stack.callback(os.close, exit_fd)
    tree = Watched(
        root_pid=process.pid,
        exit_fd=exit_fd,
        stdout_fd=_reading(process.stdout),
        stderr_fd=_reading(process.stderr),
        space=watched.space,
        own_tasks=watched.own_tasks,
        limits=watched.limits,
        on_tick=watched.on_tick,
    )
    sighting = watch(tree, watched.started_s)
    return sighting.end or _own_end(process, tree), sighting


def _reading(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise SandboxError("a stream of the sandbox was not opened")
    return stream.fileno()


def _own_end(process: subprocess.Popen[bytes], tree: Watched) -> End:
    """Say how a tree ended that was not stopped from outside."""
    end = end_of(process.wait(_DEATH_S), tree.limits)
    if end != Exited(0) and (full := judge_space(tree)) is not None:
        return full
    return end


def _last_words(process: subprocess.Popen[bytes]) -> str:
    process.kill()
    stream = process.stderr
    return stream.read(2000).decode(errors="replace").strip() if stream is not None else ""
