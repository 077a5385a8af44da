"""Finds the files that the rules of this folder are about.

Only the finding: each rule stands in a test file of its own.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("lifecycle", "worldsim", "tests", "bench")
# What is made here and never committed, and what others wrote.
NOT_OURS = frozenset(
    {".git", ".venv", "var", "static", "htmlcov", "target", "__pycache__", ".hypothesis"}
)


def files() -> Iterator[Path]:
    """Give every file of the repository, but for what tools leave and others wrote."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in NOT_OURS and not f.endswith("_cache")]
        yield from (
            Path(folder) / name
            for name in names
            if name not in NOT_OURS and not name.startswith(".coverage")
        )


def python_files() -> list[Path]:
    """Give the Python files of the service, its tests and its benches, in order."""
    found = (path for folder in CODE for path in (ROOT / folder).rglob("*.py"))
    return [ROOT / "manage.py", *sorted(found)]


def name_of(path: Path) -> str:
    """Give a file's path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """Parse a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
