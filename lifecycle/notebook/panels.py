"""What the live part of a world's page holds. Queries stand in `usecases.queries`."""

from typing import Any, Final

from lifecycle.journal.store import Head
from lifecycle.usecases.queries import overview

_SHORT: Final = 8


def live_panels(head: Head, version: str) -> dict[str, Any]:
    """Give the context of the live part.

    `version` is older than what is read here, so that a change in between is shown by the next
    poll at the latest.
    """
    world_pk = head.world_pk
    return {
        "head": head,
        "version": version,
        "decisions": overview.decisions_page(world_pk, head.slug, limit=12),
        "compiles": overview.unfinished_compiles(world_pk),
        "artifacts": overview.artifacts_page(world_pk, limit=_SHORT),
        "modules": overview.modules_page(world_pk, limit=_SHORT),
        "events": overview.events_page(world_pk, limit=12),
    }
