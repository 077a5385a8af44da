"""What the operator decides about compiling. The caller reads the settings and passes this in."""

from dataclasses import dataclass, field
from pathlib import Path

from lifecycle.sandbox.job import SandboxSettings
from lifecycle.sandbox.limits import Limits


@dataclass(frozen=True, slots=True)
class ToolchainConfig:
    """The operator's choices.

    Attributes:
        cache_folder: A folder of the service's own for warmed compiler caches.
        limits: The bounds of every compile.
        sandbox: The operator's choices about the sandbox.
        source_compiler: The operator's own compiler, as a command line in shell quoting.
        command_binds: Host paths that command may see, besides the system's programs.
        rust: A `rustc`, or a folder with `bin/rustc`, to use before any other.
    """

    cache_folder: Path
    limits: Limits = field(default_factory=Limits)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    source_compiler: str | None = None
    command_binds: tuple[Path, ...] = ()
    rust: str | None = None
