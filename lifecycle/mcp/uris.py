"""The addresses of what a world holds: how they are written and how they are read.

What is behind them is not looked at here.
"""

import re
from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld

_URI: Final = re.compile(
    r"worldsim://(?P<world>[^/?#]+)/(?P<path>[^?#]+)(?:\?before=(?P<before>[0-9]{1,18}))?"
)
TEMPLATES: Final = (
    ("events/{seq}", "event", "One event of the journal."),
    ("events{?before}", "events", "Events older than a place of the journal, newest first."),
    ("artifacts/{wasm_hash}", "artifact", "All that is known of an artifact, without its bytes."),
    ("artifacts/{wasm_hash}/wasm", "wasm", "The bytes of an artifact."),
    ("artifacts{?before}", "artifacts", "Artifacts deployed before a place of the journal."),
    ("modules/{module_id}", "module", "What a module id is bound to now."),
    ("modules{?before}", "modules", "Modules installed before a place of the journal."),
)


class Address(NamedTuple):
    """A read address: the world's slug, the parts of the path, and from where a list goes on."""

    world: str
    parts: tuple[str, ...]
    before: int | None


def parse_uri(uri: str) -> Address | None:
    """Read an address; `None` where it is none of ours."""
    found = _URI.fullmatch(uri)
    if found is None:
        return None
    before = found["before"]
    parts = tuple(found["path"].split("/"))
    return Address(found["world"], parts, None if before is None else int(before))


def uri_of(world: SeenWorld, *parts: object) -> str:
    """Write an address in a world."""
    return f"worldsim://{world.slug}/" + "/".join(map(str, parts))


def next_uri(world: SeenWorld, name: str, before: object) -> str | None:
    """Write the address of a list's next page, where there is one."""
    return None if before is None else f"{uri_of(world, name)}?before={before}"
