"""Which shared libraries a program of the host needs, as binds for the sandbox. Starts nothing."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lifecycle.sandbox.job import Bind, Link

_ROOT_LINKS: Final = ("/bin", "/lib", "/lib32", "/lib64", "/sbin")


def parse_ldd(text: str) -> tuple[Path, ...]:
    """Read the libraries and the loader out of what ``ldd`` prints."""
    found = re.findall(r"(?:=>\s+|^\s+)(/\S+)\s+\(0x", text, re.MULTILINE)
    return tuple(dict.fromkeys(Path(path) for path in found))


def library_binds(libraries: Iterable[Path], *, outside: Path | None = None) -> tuple[Bind, ...]:
    """Bind each library where the loader looks for it.

    Args:
        libraries: As `parse_ldd` gives them.
        outside: Libraries below this folder are left out; they come with a bind of their own.
    """
    return tuple(
        Bind(library.resolve(), str(library.parent.resolve() / library.name))
        for library in libraries
        if outside is None or not library.resolve().is_relative_to(outside.resolve())
    )


def root_links() -> tuple[Link, ...]:
    """Repeat the host's links such as ``/lib -> usr/lib``, where it has them."""
    return tuple(
        Link(path, str(Path(path).readlink())) for path in _ROOT_LINKS if Path(path).is_symlink()
    )
