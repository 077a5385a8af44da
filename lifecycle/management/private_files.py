"""Small secrets in the service's folder, readable by its owner alone: log-in and demo token."""

import os
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, text: str) -> None:
    """Write a text that only the owner can read; it is there whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file made by mkstemp is its owner's alone from the first moment on.
    descriptor, draft = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    Path(draft).replace(path)


def read_private(path: Path) -> str | None:
    """Give what was written, or `None` where nothing is."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def shown(path: Path) -> str:
    """Give a path as a person here would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
