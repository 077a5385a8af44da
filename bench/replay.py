"""A verified replay: events a second and memory, beside a peer and the bare parsing."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from bench import service
from bench.filling import fill
from bench.measuring import Goal, Row, rates, show
from bench.peer import loader

EVENTS = 200_000
PEER_EVENTS = 20_000
RATE_GOAL = 100_000
MEMORY_GOAL = 1.2
ROUNDS = 3


def ours(slug: str = service.SLUG) -> int:
    """Check the chain, the columns, the invariants and the projections of all events."""
    from lifecycle.usecases.verify import verify_world

    report = verify_world(slug)
    if not report.ok:
        raise ValueError(report.fault)
    return report.events_checked


def parsing() -> Callable[[], int]:
    """Parse the same events and do nothing else."""
    from lifecycle.journal import store
    from lifecycle.journal.reading import stream_events

    bodies = [event.body for event in stream_events(store.get_head(service.SLUG).world_pk)]

    def run() -> int:
        for body in bodies:
            orjson.loads(body)
        return len(bodies)

    return run


def peak_of(slug: str) -> float:
    """Give the peak memory of a fresh process that verifies a world, in MiB."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.replay", slug], capture_output=True, text=True, check=True
    )
    return int(run.stdout) / 1024


def print_peak(slug: str) -> int:
    """Verify a world in this process and print its peak memory in KiB."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "worldsim.settings"
    django.setup()
    ours(slug)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return 0


def main() -> int:
    """Measure the three in turn, then the memory on a tenth and on all."""
    service.start()
    service.found("tenth")
    fill("tenth", EVENTS // 10)
    fill(service.SLUG, EVENTS)
    measured = rates(
        {
            f"worldsim: verify {EVENTS:,} events": ours,
            "peer: eventsourcing repository.get(), unverified": loader(
                Path(os.environ["WORLDSIM_DATA"]), PEER_EVENTS
            ),
            "floor: orjson.loads of the same events": parsing(),
        },
        ROUNDS,
    )
    tenth = Row(f"peak memory, {EVENTS // 10:,} events", "MiB", [peak_of("tenth")])
    whole = Row(f"peak memory, {EVENTS:,} events", "MiB", [peak_of(service.SLUG)])
    mine = next(iter(measured.values()))
    goals = [
        Goal("events a second", mine.median, RATE_GOAL, at_least=True),
        Goal("memory, all / a tenth", whole.median / tenth.median, MEMORY_GOAL, at_least=False),
    ]
    return show([*measured.values(), tenth, whole], goals)


if __name__ == "__main__":
    sys.exit(print_peak(sys.argv[1]) if len(sys.argv) > 1 else main())
