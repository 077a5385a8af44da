"""How the first process of a run is started; a value. The runner does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Launch:
    """One process to start.

    Attributes:
        argv: The program and its arguments.
        user: The user and group to become before, or `None` to stay.
        pass_fds: Descriptors that go along.
        env: Its whole environment.
        folder: Its current folder.
    """

    argv: tuple[str, ...]
    user: int | None
    pass_fds: tuple[int, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
