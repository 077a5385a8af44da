"""Web server and worker as the processes that they are, on the tests' database; readers of streams.

Nothing here checks what the service answers.
"""

import json
import re
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from django.conf import settings
from django.db import connection

from tests.programs import Running, environment, eventually

_SERVING: Final = re.compile(r"Serving on http://127\.0\.0\.1:(\d+)/")
_START_SECONDS: Final = 90.0


def database_in(folder: Path) -> dict[str, str]:
    """Name the test's database to a process of its own that stores in a folder."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        link = folder / "worldsim.sqlite3"
        link.unlink(missing_ok=True)
        # SQLite follows the link before it names the files beside it, so both sides share them.
        link.symlink_to(Path(known["NAME"]).absolute())
        return {}
    user, password = known["USER"], known["PASSWORD"]
    place = f"{known['HOST'] or '127.0.0.1'}:{known['PORT'] or 5432}"
    return {"DATABASE_URL": f"postgres://{user}:{password}@{place}/{known['NAME']}"}


class Web:
    """A web server, which can be stopped and started again on the same port."""

    def __init__(self, folder: Path, **changes: str) -> None:
        """Start it and wait until it listens."""
        self._folder = folder
        known = {**database_in(folder), "WORLDSIM_SECRET_KEY": settings.SECRET_KEY}
        self._environment = environment(folder, {**known, "PORT": "0", **changes})
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it, on the port that it had before."""
        if self.port:
            self._environment["PORT"] = str(self.port)
        log = self._folder / "web.log"
        log.unlink(missing_ok=True)
        self.running = Running(self._environment, log, "web")
        assert eventually(lambda: _SERVING.search(self.running.said()) is not None, _START_SECONDS)
        found = _SERVING.search(self.running.said())
        assert found is not None
        self.port = int(found[1])

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


class Worker:
    """A worker with the real compilers, which can be killed and started again."""

    def __init__(self, folder: Path, **changes: str) -> None:
        """Start it; it takes jobs as soon as it is ready."""
        self._log = folder / "worker.log"
        known = {**database_in(folder), "WORLDSIM_SECRET_KEY": settings.SECRET_KEY}
        brief = {"WORLDSIM_LEASE_SECONDS": "3", "WORLDSIM_WORKERS": "1"}
        self._environment = environment(folder, {**known, **brief, **changes})
        self.start()

    def start(self) -> None:
        """Start it."""
        self.running = Running(self._environment, self._log, "worker")


class Told(NamedTuple):
    """One message of a stream."""

    event: str
    id: str | None
    data: Any


class Reader:
    """Reads one stream, in the manner of a browser; close it, or use it as a context."""

    def __init__(
        self, port: int, headers: Mapping[str, str], *, world: str = "demo", query: str = ""
    ) -> None:
        """Ask for a stream, and wait for the head of the answer."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request(
            "GET", f"/api/v1/worlds/{world}/stream/{query}", None, dict(headers)
        )
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self.headers = {name.lower(): value for name, value in self._answer.getheaders()}

    def __enter__(self) -> Self:
        """Read."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._answer.close()
        self._connection.close()

    def rest(self) -> str:
        """Read an answer that ends."""
        return self._answer.read().decode()

    def next(self) -> Told | None:
        """Give the next message, or `None` where the stream has ended."""
        fields: dict[str, str] = {}
        while line := self._answer.readline().decode():
            if line == "\n" and "event" in fields:
                return Told(fields["event"], fields.get("id"), json.loads(fields["data"]))
            name, _, value = line.rstrip("\n").partition(": ")
            fields = {} if line == "\n" else {**fields, name: value}
        return None

    def take(self, event: str) -> Told:
        """Give the next message of a kind, past those of others."""
        while (told := self.next()) is not None:
            if told.event == event:
                return told
        message = f"the stream ended before there was a {event}"
        raise AssertionError(message)

    def events(self, count: int) -> list[Told]:
        """Give the next events of the journal."""
        return [self.take("journal") for _ in range(count)]


def bearer(token: str) -> dict[str, str]:
    """Give the header of an agent."""
    return {"Authorization": f"Bearer {token}"}
