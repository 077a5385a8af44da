"""One service with a copy of one world for each way; the story told in each; what came of it."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.programs import Running, environment, eventually, manage
from tests.scenario.ways import WAYS, Seat

_AGENT: Final = "mason"
_ADDRESS: Final = re.compile(r"worldsim  (http://\S+)")
_START_S: Final = 120


class Told(NamedTuple):
    """What a way left behind: the journal's kinds in order, and the digest of the state."""

    way: str
    kinds: tuple[str, ...]
    state_digest: str
    verified: bool


def tell(folder: Path, ways: Sequence[str] = tuple(WAYS)) -> list[Told]:
    """Tell the story in each way, in a service on a folder.

    Copies of one world have one origin, so that the same events give the same digest.
    """
    data = folder / "data"
    export = folder / "origin.jsonl"
    with _service(data, folder / "service.log") as address:
        _facts(data, "create_world", "origin")
        _facts(data, "add_agent", "origin", _AGENT)
        manage(data, "export", "origin", str(export)).check_returncode()
        for way in ways:
            manage(data, "import", str(export), "--as", way).check_returncode()
            token = _facts(data, "replace_token", way, _AGENT)["token"]
            WAYS[way](Seat(address, data, way, _AGENT, token))
        return [_told(data, way, folder) for way in ways]


@contextmanager
def _service(data: Path, log: Path) -> Iterator[str]:
    changes = {"PORT": "0"}
    running = Running(environment(data, changes), log, "serve", "--no-demo")
    try:
        assert eventually(lambda: _ADDRESS.search(running.said()) is not None, _START_S)
        found = _ADDRESS.search(running.said())
        assert found is not None
        yield found[1]
        assert running.stop() == 0, running.said()
    finally:
        running.make_sure_it_is_gone()


def _facts(data: Path, *argv: str) -> Any:  # noqa: ANN401 - JSON
    done = manage(data, *argv, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _told(data: Path, way: str, folder: Path) -> Told:
    report = _facts(data, "verify", way)
    export = folder / f"{way}.jsonl"
    manage(data, "export", way, str(export)).check_returncode()
    return Told(way, tuple(_kinds_in(export)), report["state_digest"], report["ok"])


def _kinds_in(export: Path) -> Iterator[str]:
    for line in export.read_text(encoding="utf-8").splitlines():
        event = json.loads(line).get("event")
        if event is not None:
            yield (json.loads(event) if isinstance(event, str) else event)["kind"]
