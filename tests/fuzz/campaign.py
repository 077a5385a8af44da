"""A run of the fuzz: which answer has which number, what came of each, and the table of it all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Final, NamedTuple

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed
from tests.fuzz.cases import Case
from tests.fuzz.judging import Reading, judge
from tests.fuzz.mutations import LARGEST_BYTES, MUTATIONS
from tests.fuzz.spoiled import SPOILED, spoiled

SLOWEST_SECONDS: Final = 0.25
_SPOILED_SHARE: Final = 0.3
_MOST_CODES: Final = 4
_TRIES: Final = 3


class Failure(NamedTuple):
    """An answer that broke a promise."""

    number: int
    case: Case
    problems: tuple[str, ...]


@dataclass(slots=True)
class Line:
    """What came of the answers of one kind, each read in every way."""

    answers: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    slowest: float = 0

    def add(self, readings: list[Reading]) -> None:
        """Count one answer."""
        self.answers += 1
        for reading in readings:
            match reading.result:
                case Parsed():
                    self.accepted += 1
                case Malformed(code=code):
                    self.refused[code] += 1
                case Exception():
                    self.refused["(raised)"] += 1
            self.seconds += reading.seconds
            self.slowest = max(self.slowest, reading.seconds)


def case_of(seed: int, number: int) -> Case:
    """Make the answer of this number; it depends on nothing else."""
    rng = Random(f"{seed}/{number}")  # noqa: S311 - repeatable on purpose
    while len((case := _drawn(rng)).body) > LARGEST_BYTES:
        pass
    return case


def _drawn(rng: Random) -> Case:
    if rng.random() < _SPOILED_SHARE:
        return spoiled(rng, rng.choice(tuple(SPOILED)))
    kind = rng.choice(tuple(MUTATIONS))
    return MUTATIONS[kind](rng, kind)


class Campaign:
    """Reads answers one by one and keeps the count.

    Attributes:
        lines: A line for each kind of answer.
        slowest: The slowest reading: its seconds, and the number and the case of its answer.
    """

    def __init__(self, seed: int, slowest_seconds: float = SLOWEST_SECONDS) -> None:
        """Take the seed, and the seconds of the processor that no reading may pass."""
        self.seed = seed
        self.slowest_seconds = slowest_seconds
        self.lines: dict[str, Line] = {kind: Line() for kind in (*MUTATIONS, *SPOILED)}
        self.slowest: tuple[float, int, Case] | None = None
        self._answers = sha256()

    @property
    def digest(self) -> str:
        """Tell the answers read so far from any others."""
        return self._answers.hexdigest()

    def run(self, numbers: range) -> Iterator[Failure]:
        """Read the answers of these numbers, and give those that broke a promise."""
        for number in numbers:
            case = case_of(self.seed, number)
            readings = judge(case)
            self._answers.update(sha256(case.body).digest())
            self.lines[case.kind].add(readings)
            seconds = max(reading.seconds for reading in readings)
            if self.slowest is None or seconds > self.slowest[0]:
                self.slowest = (seconds, number, case)
            problems = [f"as {one.manner}: {two}" for one in readings for two in one.problems]
            if seconds > self.slowest_seconds and self._is_slow(case):
                problems.append(f"took {seconds * 1000:.0f} ms")
            if problems:
                yield Failure(number, case, tuple(problems))

    def _is_slow(self, case: Case) -> bool:
        """Say whether a case is slow every time: garbage may have been collected in between."""
        again = (max(reading.seconds for reading in judge(case)) for _ in range(_TRIES))
        return all(seconds > self.slowest_seconds for seconds in again)

    def table(self) -> str:
        """Give the table: a line for each kind, and their sum."""
        whole = Line()
        rows = [_HEAD, "-" * len(_HEAD)]
        for kind, line in self.lines.items():
            if line.answers:
                rows.append(_row(kind, line))
                whole.answers += line.answers
                whole.accepted += line.accepted
                whole.refused += line.refused
                whole.seconds += line.seconds
                whole.slowest = max(whole.slowest, line.slowest)
        return "\n".join([*rows, "-" * len(_HEAD), _row("all", whole, most=len(whole.refused))])


_HEAD: Final = (
    f"{'kind of answer':30}{'answers':>9}{'accepted':>10}{'refused':>9}{'seconds':>9}"
    f"{'slowest':>10}  refused as"
)


def _row(kind: str, line: Line, most: int = _MOST_CODES) -> str:
    codes = ", ".join(f"{code} {count}" for code, count in line.refused.most_common(most))
    return (
        f"{kind:30}{line.answers:>9,}{line.accepted:>10,}{line.refused.total():>9,}"
        f"{line.seconds:>9.1f}{line.slowest * 1000:>7.1f} ms  {codes}"
    )
