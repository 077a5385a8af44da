"""Who lives in the demo world and what they build: one agent for each toolchain. Data only.

What they do with it stands in `demo`.
"""

from dataclasses import dataclass
from typing import Final

WORLD: Final = "demo"
LOCATIONS: Final = ("workshop", "harbour")


@dataclass(frozen=True, slots=True)
class Builder:
    """An agent, its toolchain, and the example that it builds.

    Attributes:
        folder: Below `examples/`.
        mistake: A text in the manifest's file and what stands there instead at first; `None`
            where the first attempt is right.
    """

    agent_id: str
    toolchain: str
    folder: str
    manifest: str
    module_id: str
    message: str
    mistake: tuple[str, str] | None = None


MASON: Final = Builder(
    "mason",
    "wat",
    "wat/checksum",
    "checksum.wat",
    "checksum",
    "A checksum for everything that leaves the harbour.",
)
SCOUT: Final = Builder(
    "scout",
    "zig",
    "zig/pathfinder",
    "pathfinder.zig",
    "pathfinder",
    "I walk far; let me find the cheapest way.",
)
BROKER: Final = Builder(
    "broker",
    "c",
    "c/market",
    "market.c",
    "market",
    "A market of one good, to begin with.",
    mistake=("quantity -= traded;", "quantity -= traded"),
)
CLERK: Final = Builder(
    "clerk",
    "rust",
    "rust/ledger",
    "Cargo.toml",
    "ledger",
    "Every transfer whole, or not at all.",
)
# The compilers of these come with the packages; Rust is the machine's.
ALWAYS_THERE: Final = (MASON, SCOUT, BROKER)
