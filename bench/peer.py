"""The peer: an aggregate of `eventsourcing`, saved to SQLite by the library's own recorder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

SAVED_AT_ONCE = 1000


class World(Aggregate):
    """A clock, as the service's worlds have one."""

    def __init__(self) -> None:
        """Start at tick 0."""
        self.tick = 0

    @event("Waited")
    def wait(self, ticks: int) -> None:
        """Let the clock run."""
        self.tick += ticks


def application_in(folder: Path) -> Any:  # noqa: ANN401 - the library types it by its generics
    """Give an application that stores under a folder."""
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(folder / "peer.sqlite3"),
        }
    )


def saver(folder: Path, count: int) -> Callable[[], int]:
    """Give a function that triggers and saves events, one at a time."""
    application = application_in(folder)
    world = World()
    application.save(world)

    def run() -> int:
        for ticks in range(1, count + 1):
            world.wait(ticks)
            application.save(world)
        return count

    return run


def loader(folder: Path, count: int) -> Callable[[], int]:
    """Give a function that loads an aggregate from its events, unverified."""
    application = application_in(folder)
    world = World()
    for number in range(count):
        world.wait(1)
        if number % SAVED_AT_ONCE == 0:
            application.save(world)
    application.save(world)

    def run() -> int:
        application.repository.get(world.id)
        return count

    return run
