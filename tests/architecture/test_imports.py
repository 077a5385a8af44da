"""The wall that import-linter cannot see: it knows outside packages only as wholes.

Every other wall is a contract in pyproject.toml.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, name_of, python_files, tree_of

HTTP_CLIENTS = frozenset({"http.client", "urllib.request"})


def imported_by(path: Path) -> Iterator[str]:
    """Give the dotted name of each module, and of each thing of a module, that a file imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_agents_imports_an_http_client_of_the_standard_library() -> None:
    room = ROOT / "lifecycle" / "agents"
    service = [path for path in python_files() if ROOT / "lifecycle" in path.parents]

    found = [
        name_of(path)
        for path in service
        if room not in path.parents and HTTP_CLIENTS & set(imported_by(path))
    ]

    assert found == []
