"""Submits a second: the service's whole path beside `eventsourcing` and beside bare SQLite."""

import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from bench import service
from bench.measuring import Goal, rates, show
from bench.peer import saver

COUNT = 1500
GOAL = 0.3


def ours() -> Callable[[], int]:
    """Parse, judge, append, project and record a decision, each in its own durable transaction."""
    service.start()
    from lifecycle.core.ids import AgentId
    from lifecycle.protocol.parser import Parsed, parse_decision
    from lifecycle.usecases.submit import Submission, submit

    submission = Submission(service.SLUG, AgentId(service.AGENT), None, "api")

    def run() -> int:
        for ticks in range(1, COUNT + 1):
            parsed = parse_decision(b'{"decision":"wait","ticks":%d}' % ticks)
            if not isinstance(parsed, Parsed):
                raise TypeError(parsed.code)
            submit(submission, parsed)
        return COUNT

    return run


def floor(folder: Path) -> Callable[[], int]:
    """Chain and insert a ready-made event and move a head row, by the bare driver."""
    connection = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, hash TEXT, body TEXT)")
    connection.execute("CREATE TABLE head (seq INTEGER, hash TEXT)")
    connection.execute("INSERT INTO head VALUES (0, ?)", ["0" * 64])
    body = "x" * 400

    def run() -> int:
        for _ in range(COUNT):
            connection.execute("BEGIN IMMEDIATE")
            seq, prev_hash = connection.execute("SELECT seq, hash FROM head").fetchone()
            digest = hashlib.sha256((prev_hash + body).encode()).hexdigest()
            connection.execute("INSERT INTO event VALUES (?, ?, ?)", [seq + 1, digest, body])
            connection.execute("UPDATE head SET seq = ?, hash = ?", [seq + 1, digest])
            connection.execute("COMMIT")
        return COUNT

    return run


def main() -> int:
    """Measure the three in turn."""
    folder = Path(os.environ["WORLDSIM_DATA"])
    measured = rates(
        {
            "worldsim: a decision (parse, rules, chain, projection, record)": ours(),
            "peer: eventsourcing save(), SQLite, no chain": saver(folder, COUNT),
            "floor: sqlite3, chained row and head": floor(folder),
        }
    )
    mine, other, _ = measured.values()
    ratio = mine.median / other.median
    return show(list(measured.values()), [Goal("worldsim / peer", ratio, GOAL, at_least=True)])


if __name__ == "__main__":
    sys.exit(main())
