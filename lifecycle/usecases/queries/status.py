"""The status query, `module_lifecycle_status`: what exists, what compiles, what is allowed.

Every list is cut in the database, so that the reply costs the same in a large world.
"""

import re
from typing import Final, NamedTuple

import msgspec

from lifecycle.access.callers import SeenWorld
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.projections.artifacts import artifacts_of
from lifecycle.projections.modules import modules_of
from lifecycle.protocol.queries import DEFAULT_LIMIT, LARGEST_LIMIT
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.limits import policy, wasm_policy
from lifecycle.usecases.queries.artifacts import artifacts_page
from lifecycle.usecases.queries.compiles import listed_compiles
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.health import queue_health
from lifecycle.usecases.queries.modules import modules_page
from lifecycle.usecases.queries.toolchains import reported_toolchains

_CURSOR: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_CURSOR_RULE: Final = "the next_cursor of an earlier reply"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NOT_LIMITS: Final = ("operator_command", "unavailable_toolchains")


class StatusQuery(NamedTuple):
    """The arguments of the query, as they came; see `limit_of` for the limits."""

    module_id: str | None = None
    limit_artifacts: object = None
    limit_installed: object = None
    cursor: str | None = None


class _Asked(NamedTuple):
    """The arguments as they are applied. A place is where a list goes on: below it."""

    module_id: str | None
    limit_artifacts: int
    limit_installed: int
    artifacts_before: int | None
    modules_before: int | None


def limit_of(asked: object) -> int:
    """Give a limit between 1 and 256; what is no integer gives the default, 32."""
    if isinstance(asked, str):
        text = asked.strip()
        asked = int(text) if _INTEGER.fullmatch(text) else None
    if not isinstance(asked, int) or isinstance(asked, bool):
        return DEFAULT_LIMIT
    return min(max(asked, 1), LARGEST_LIMIT)


def module_lifecycle_status(world: SeenWorld, query: StatusQuery) -> Document:
    """Answer the status query as of one moment.

    Raises:
        InvalidParameterError: the cursor is not one that a reply gave.
        WorldNotFoundError: no such world.
    """
    asked = _Asked(
        (query.module_id or "").strip() or None,
        limit_of(query.limit_artifacts),
        limit_of(query.limit_installed),
        *_places_of(query.cursor),
    )
    with reading.read_snapshot():
        head = journal.get_head(world.slug)
        return {
            "world": world.slug,
            "head_seq": head.seq,
            "tick": head.tick,
            "module_id": asked.module_id,
            "limit_artifacts": asked.limit_artifacts,
            "limit_installed": asked.limit_installed,
            **_lists(world, asked),
            **_compiles(world, asked.module_id),
            "limits": limits_document(world.slug),
        }


def _places_of(cursor: str | None) -> tuple[int | None, int | None]:
    """Read where the two lists go on: below these places; 0 says that a list has ended."""
    if cursor is None or cursor.strip() == "":
        return None, None
    places = _CURSOR.fullmatch(cursor.strip())
    if places is None:
        raise InvalidParameterError("cursor", {"received": cursor[:80], "accepted": _CURSOR_RULE})
    return int(places[1]), int(places[2])


def _lists(world: SeenWorld, asked: _Asked) -> Document:
    module_id = asked.module_id
    artifacts = artifacts_page(
        world, module_id=module_id, before=asked.artifacts_before, limit=asked.limit_artifacts
    )
    modules = modules_page(
        world, module_id=module_id, before=asked.modules_before, limit=asked.limit_installed
    )
    artifacts_total = artifacts_of(world.pk, module_id).count()
    modules_total = modules_of(world.pk, module_id).count()
    # Everything matches where nothing is filtered; then it is not counted twice.
    filtered = module_id is not None
    artifacts_out = artifacts_of(world.pk).count() - artifacts_total if filtered else 0
    modules_out = modules_of(world.pk).count() - modules_total if filtered else 0
    following = artifacts.next or 0, modules.next or 0
    return {
        "artifacts_total": artifacts_total,
        "artifacts_filtered_out": artifacts_out,
        "artifacts": [row.document() for row in artifacts.rows],
        "installed_modules_total": modules_total,
        "installed_modules_filtered_out": modules_out,
        "installed_modules": [row.document() for row in modules.rows],
        "next_cursor": "{}.{}".format(*following) if any(following) else None,
    }


def _compiles(world: SeenWorld, module_id: str | None) -> Document:
    queue = queue_health()
    compiles = listed_compiles(world, queue, module_id=module_id)
    return {
        "compiles": [row.document() for row in compiles],
        "queue": {"queued": queue.queued, "running": queue.running, "stalled": queue.stalled},
    }


def limits_document(world: str) -> Document:
    """Give what is allowed in a world, and which toolchains the workers say they have."""
    limits: Document = msgspec.to_builtins(policy(world))
    for name in _NOT_LIMITS:
        del limits[name]
    return {**limits, "wasm": wasm_policy(world).describe(), "toolchains": reported_toolchains()}
