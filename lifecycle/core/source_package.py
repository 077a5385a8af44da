"""Source packages: the files an agent sends to be compiled, and which toolchain they ask for."""

from collections.abc import Mapping
from typing import Final

from lifecycle.core.values import Value

WAT: Final = "wat"
ZIG: Final = "zig"
C: Final = "c"
RUST: Final = "rust"
COMMAND: Final = "command"

_BY_SUFFIX: Final = {".wat": WAT, ".zig": ZIG, ".c": C}


class SourcePackage(Value):
    """The files of one program; `files` maps a relative path to UTF-8 text.

    Paths are in canonical form (see `decide.source_paths`) and `manifest_path` is one of them.
    """

    manifest_path: str
    files: Mapping[str, str]

    @property
    def size_bytes(self) -> int:
        """All texts together, as UTF-8."""
        return sum(len(text.encode()) for text in self.files.values())


def toolchain_name_for(manifest_path: str, *, operator_command: bool) -> str | None:
    """Name the toolchain that a manifest asks for, or `None` where none fits.

    The operator's command, where configured, takes every manifest that no built-in toolchain
    takes.
    """
    file_name = manifest_path.rpartition("/")[2]
    if file_name == "Cargo.toml":
        return RUST
    for suffix, name in _BY_SUFFIX.items():
        if file_name.endswith(suffix) and file_name != suffix:
            return name
    return COMMAND if operator_command else None
