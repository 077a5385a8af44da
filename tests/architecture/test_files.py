"""The rules on what a file may be: its size, its name, its first words.

What a file may import is import-linter's to say, in pyproject.toml.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, files, name_of, python_files, tree_of

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40
JUNK_DRAWERS = frozenset({"utils", "util", "helpers", "common", "misc", "services"})


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, its docstring left out."""
    described = ast.get_docstring(function) is not None
    first = function.body[0]
    end = first.end_lineno or first.lineno
    docstring = end - first.lineno + 1 if described else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def holds_nothing(path: Path) -> bool:
    return path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip()


def test_no_file_is_longer_than_400_lines() -> None:
    """Migrations excepted: makemigrations writes what the tables need."""
    read = [
        path
        for path in files()
        if path.suffix in {".py", ".html"} and path.parent.name != "migrations"
    ]

    long = {name_of(path): lines_of(path) for path in read if lines_of(path) > MOST_LINES_OF_A_FILE}

    assert long == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{name_of(path)}:{function.lineno} {function.name}": code_lines(function)
        for path in python_files()
        for function in functions_of(path)
        if code_lines(function) > MOST_LINES_OF_A_FUNCTION
    }

    assert long == {}


def test_no_file_or_folder_is_a_junk_drawer() -> None:
    junk = [
        name_of(path)
        for path in python_files()
        if JUNK_DRAWERS & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]

    assert junk == []


def test_every_file_opens_with_a_docstring() -> None:
    silent = [
        name_of(path)
        for path in python_files()
        if not holds_nothing(path) and not ast.get_docstring(tree_of(path))
    ]

    assert silent == []


def test_the_apps_own_init_is_empty() -> None:
    assert (ROOT / "lifecycle" / "__init__.py").read_bytes() == b""
