"""How much a sandboxed program may use; values only, enforced by the runner."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run; each that is passed ends the run under its own name.

    Attributes:
        wall_ms: Real time from start to end.
        cpu_s: Processor seconds of any one process.
        address_space_bytes: Virtual memory of any one process.
        tree_memory_bytes: Private resident memory of all processes together.
        processes: Processes and threads alive at once.
        file_size_bytes: Size of any one file written.
        tmpfs_bytes: Everything the run may keep in files at once.
        file_count: Files and folders it may have at once.
        output_bytes: Size of the file handed back.
        log_bytes: Standard output, and standard error, kept of each; what follows is dropped.
        log_flood_bytes: Standard output and error together, after which the run is ended.
    """

    wall_ms: int = 120_000
    cpu_s: int = 240
    address_space_bytes: int = 4 * GIB
    tree_memory_bytes: int = 1536 * MIB
    processes: int = 256
    file_size_bytes: int = 256 * MIB
    tmpfs_bytes: int = 256 * MIB
    file_count: int = 20_000
    output_bytes: int = 8 * MIB
    log_bytes: int = 2 * MIB
    log_flood_bytes: int = 64 * MIB
