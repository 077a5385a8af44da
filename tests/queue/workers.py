"""Words for tests with real workers: slow compiles, and what became of them.

Nothing here checks anything.
"""

from pathlib import Path

from lifecycle.codec.events import decode_event
from lifecycle.core.events import ActionRejected, Event, ModuleArtifactDeployed
from lifecycle.journal.reading import read_events
from lifecycle.journal.store import get_head
from lifecycle.models.jobs import CompileJob, JobState
from tests.programs import eventually
from tests.service import compile_source

# Says what the manifest holds below its first line, sleeps as long as that line says, then gives a
# module that is another one each time.
_SLOW_COMPILER = r"""
set -eu
tail -n +2 "$3"
sleep "$(head -n 1 "$3")"
printf '\000asm\001\000\000\000\000\012\011' >"$4"
date +%N | head -c 9 >>"$4"
"""


def write_slow_compiler(folder: Path) -> str:
    """Write an operator's compiler that takes its time; give its command line."""
    script = folder / "slow-compiler.sh"
    script.write_text(_SLOW_COMPILER, encoding="utf-8")
    return f"/bin/sh {script}"


def ask_for_slow_compile(seconds: float, agent: str = "ada", says: str = "") -> CompileJob:
    """Submit a compile that says something and takes some seconds; give its job."""
    files = {"build.txt": f"{seconds}\n{says}"}
    outcome = compile_source(agent, "slow", "build.txt", files)
    assert outcome.rejection is None, outcome.rejection
    return CompileJob.objects.get(decision_id=outcome.decision_id)


def state_of(job: CompileJob) -> str:
    """Give where a job is now."""
    job.refresh_from_db()
    return job.state


def runs(job: CompileJob) -> bool:
    """Wait until a worker has a job."""
    return eventually(lambda: state_of(job) == JobState.RUNNING)


def ends(job: CompileJob, within_s: float = 40) -> bool:
    """Wait until a job has ended, however it did."""
    ended = {JobState.SUCCEEDED.value, JobState.FAILED.value}
    return eventually(lambda: state_of(job) in ended, within_s)


def outcomes_of(job: CompileJob, slug: str = "demo") -> list[Event]:
    """Give the events that end a request, of which there must be one."""
    events = (
        decode_event(stored.body).recorded.event
        for stored in read_events(get_head(slug).world_pk, limit=1000)
    )
    return [event for event in events if _ends(event, job.request_seq)]


def _ends(event: Event, request_seq: int) -> bool:
    match event:
        case ModuleArtifactDeployed():
            provenance = event.provenance
            return provenance is not None and provenance.request_seq == request_seq
        case ActionRejected():
            return event.request_seq == request_seq
        case _:
            return False
