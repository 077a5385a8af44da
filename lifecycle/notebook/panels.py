"""What the live part of a world's page holds. Queries stand in `usecases.queries`."""

from typing import Any, Final

from lifecycle.notebook.visiting import Visit
from lifecycle.usecases.queries.artifacts import (
    artifacts_page,
    with_installs,
    with_toolchains,
)
from lifecycle.usecases.queries.compiles import unfinished_compiles
from lifecycle.usecases.queries.events import newest_events_page
from lifecycle.usecases.queries.health import queue_health
from lifecycle.usecases.queries.modules import modules_page, with_flags
from lifecycle.usecases.queries.roster import roster

_SHORT: Final = 8
_LONG: Final = 12
_MOST_COMPILES: Final = 50


def live_panels(visited: Visit, version: str) -> dict[str, Any]:
    """Give the context of the live part.

    `version` is older than what is read here, so that a change in between is shown by the next
    poll at the latest.
    """
    world = visited.world
    return {
        "head": visited.head,
        "version": version,
        "compiles": unfinished_compiles(world, queue_health(), limit=_MOST_COMPILES),
        "artifacts": with_installs(
            world, with_toolchains(world, artifacts_page(world, limit=_SHORT))
        ),
        "modules": with_flags(world, modules_page(world, limit=_SHORT)),
        "roster": roster(world, limit=_SHORT),
        "events": newest_events_page(world, limit=_LONG),
    }
