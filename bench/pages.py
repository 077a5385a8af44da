"""What a world's pages cost where 100,000 decisions were made, beside where 100 were.

Pages are asked for in process, as a logged-in account, so that no network is measured.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from bench import service
from bench.crowding import Crowd
from bench.measuring import Goal, Row, latencies, show

if TYPE_CHECKING:
    from django.test import Client

SMALL, LARGE = 100, 100_000
TIMES = 30
GOAL = 1.5
# The state as of an event is digested whole, which grows with the artifacts: a bound of its own.
HISTORY_GOAL_MS = 500
PAGES = {
    "the notebook": "",
    "artifacts": "artifacts/",
    "modules": "modules/",
    "events": "events/",
    "lineage": "lineage/?around=event:4&depth=2",
}
HISTORY = "history, half-way"


def opener(client: "Client", address: str) -> Callable[[], object]:
    """Give a function that opens a page."""

    def open_page() -> None:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise ValueError(f"{address} answered {answer.status_code}")

    return open_page


def fill(slug: str, decisions: int) -> dict[str, str]:
    """Found and fill a world, see that it is sound, and give the addresses of its pages."""
    from lifecycle.usecases.verify import verify_world

    service.found(slug)
    Crowd(slug).fill(decisions)
    report = verify_world(slug)
    if not report.ok:
        raise ValueError(report.fault or report.projections_differ)
    addresses = {name: f"/worlds/{slug}/{rest}" for name, rest in PAGES.items()}
    return {**addresses, HISTORY: f"/worlds/{slug}/at/?seq={report.head_seq // 2}"}


def main() -> int:
    """Open each page of both worlds in turn, and compare the medians."""
    service.start()
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser("bench"))
    small, large = fill("small", SMALL), fill("large", LARGE)
    rows: list[Row] = []
    goals: list[Goal] = []
    for name in small:
        tasks = {
            f"{name}: {size:,} decisions": opener(client, addresses[name])
            for size, addresses in ((SMALL, small), (LARGE, large))
        }
        # The first look at a place replays up to it, and any page's first loads its template.
        for task in tasks.values():
            task()
        few, many = latencies(tasks, TIMES).values()
        rows += [few, many]
        if name == HISTORY:
            goals.append(Goal(f"{name}, ms", many.median, HISTORY_GOAL_MS, at_least=False))
        else:
            ratio = many.median / few.median
            goals.append(Goal(f"{name}, large / small", ratio, GOAL, at_least=False))
    return show(rows, goals)


if __name__ == "__main__":
    sys.exit(main())
