"""Reads a script from a file, for the scripted model as a program.

A ``.json`` file holds a list of answers, each an object of one key: the name of a constructor,
with its arguments by name. A ``.py`` file holds a list ``SCRIPT`` of answers and functions.
"""

import inspect
import json
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from tests.scripted_model import answers, faulty_answers, faulty_replies
from tests.scripted_model.answers import Answer
from tests.scripted_model.script import Line

# These take values that JSON has no form for.
_NOT_FROM_JSON: Final = frozenset({"say", "refused_with"})


class ScriptFileError(Exception):
    """A file holds no script; the sentence says where and why."""


def _constructors() -> dict[str, Callable[..., Answer]]:
    return {
        name: cast("Callable[..., Answer]", made)
        for module in (answers, faulty_answers, faulty_replies)
        for name, made in vars(module).items()
        if inspect.isfunction(made)
        and made.__annotations__.get("return") is Answer
        and name not in _NOT_FROM_JSON
    }


# Every answer that can be written in a file, by the name it has there.
CONSTRUCTORS: Final = MappingProxyType(_constructors())


def read_script(path: Path) -> list[Line]:
    """Read a script.

    Raises:
        ScriptFileError: The file is not there, or holds none.
    """
    try:
        if path.suffix == ".py":
            return list(runpy.run_path(str(path))["SCRIPT"])
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScriptFileError(f"{path}: {type(error).__name__}: {error}") from error
    if not isinstance(listed, list):
        raise ScriptFileError(f"{path}: a list of answers is expected.")
    return [_answer(written, f"{path}: answer {at}") for at, written in enumerate(listed, start=1)]


def _answer(written: object, place: str) -> Answer:
    """Make an answer from its written form; answers within it are made first."""
    if not isinstance(written, dict) or len(written) != 1:
        raise ScriptFileError(f"{place}: an object with the one key of its kind is expected.")
    [(name, given)] = written.items()
    if name not in CONSTRUCTORS:
        raise ScriptFileError(f"{place}: no '{name}'; there are {', '.join(sorted(CONSTRUCTORS))}.")
    if not isinstance(given, dict):
        raise ScriptFileError(f"{place}: '{name}' takes an object of arguments.")
    arguments = _arguments(given, f"{place}, {name}")
    try:
        return CONSTRUCTORS[name](**arguments)
    except (TypeError, ValueError, AttributeError) as error:
        raise ScriptFileError(f"{place}: {error}") from error


def _arguments(given: Mapping[str, object], place: str) -> dict[str, object]:
    return {
        key: _answer(value, place) if key == "answer" else value for key, value in given.items()
    }
