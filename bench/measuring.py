"""Timing in rounds and printing of tables. Nothing of the service is imported here."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

ROUNDS = 5


class Row(NamedTuple):
    """A line of a table: what was measured, in which unit, from least to most."""

    name: str
    unit: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """Give the middle value."""
        return statistics.median(self.values)


class Goal(NamedTuple):
    """A ratio that was promised, and whether this run keeps it."""

    name: str
    value: float
    bound: float
    at_least: bool

    @property
    def kept(self) -> bool:
        """Say whether the ratio is on the right side of its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def rates(tasks: Mapping[str, Callable[[], int]], rounds: int = ROUNDS) -> dict[str, Row]:
    """Run each task once a round, in turn, so that a noisy minute falls on all of them.

    Args:
        tasks: A name and a function that does some operations and returns how many.
        rounds: How often.

    Returns:
        Operations a second by name.
    """
    values: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            count = task()
            values[name].append(count / (time.perf_counter() - started))
    return {name: Row(name, "/s", seen) for name, seen in values.items()}


def latencies(tasks: Mapping[str, Callable[[], object]], times: int) -> dict[str, Row]:
    """Run each task many times, in turn, and give milliseconds by name."""
    values: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(times):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            values[name].append((time.perf_counter() - started) * 1000)
    return {name: Row(name, "ms", seen) for name, seen in values.items()}


def show(rows: Sequence[Row], goals: Sequence[Goal] = ()) -> int:
    """Print a table and its goals; give the exit status: 1 where a goal is missed."""
    print(f"  {'':<58}{'min':>12}{'median':>12}{'max':>12}")
    for row in rows:
        low, middle, high = (_number(f(row.values)) for f in (min, statistics.median, max))
        print(f"  {row.name:<58}{low:>12}{middle:>12}{high:>12} {row.unit}")
    for goal in goals:
        sign = "at least" if goal.at_least else "at most"
        verdict = "kept" if goal.kept else "MISSED"
        print(f"  {goal.name}: {goal.value:.2f} ({sign} {goal.bound:g}): {verdict}")
    return 0 if all(goal.kept for goal in goals) else 1


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - digits shown
