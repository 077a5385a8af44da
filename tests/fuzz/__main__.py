"""The fuzz of the parser as a command: ``python -m tests.fuzz --answers N --seed S``.

It prints a table of what became of the answers. Where one broke a promise it is printed and kept in
a file, and the exit status is 1; ``--first NUMBER --answers 1`` reads that one again.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tests.fuzz.campaign import SLOWEST_SECONDS, Campaign, Failure

_MOST_FAILURES = 10
_MOST_PROBLEMS = 4
_LONGEST_SHOWN = 4_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzz; give the exit status."""
    asked = _parser().parse_args(arguments)
    campaign = Campaign(asked.seed, asked.slowest_ms / 1000)
    started = perf_counter()
    failures = []
    for failure in campaign.run(range(asked.first, asked.first + asked.answers)):
        _tell(failure, _keep(failure, asked.seed, asked.failures))
        failures.append(failure)
        if len(failures) == _MOST_FAILURES:
            sys.stdout.write("Stopped: that is enough to mend.\n\n")
            break
    sys.stdout.write(f"{campaign.table()}\n\n{_summary(campaign, perf_counter() - started)}\n")
    sys.stdout.write(f"{len(failures)} answers broke a promise.\n")
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Mutated answers of models through the parser of decisions.",
    )
    parser.add_argument("--answers", type=_count, default=200_000, help="how many (200000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same answers (1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first answer (0)")
    parser.add_argument(
        "--slowest-ms",
        type=float,
        default=SLOWEST_SECONDS * 1000,
        help="what one reading may cost of the processor (250)",
    )
    parser.add_argument(
        "--failures", type=Path, default=Path("var/fuzz"), help="where to keep them (var/fuzz)"
    )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _keep(failure: Failure, seed: int, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed-{seed}-answer-{failure.number}.bin"
    path.write_bytes(failure.case.body)
    return path


def _tell(failure: Failure, path: Path) -> None:
    shown = repr(failure.case.body)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}\N{HORIZONTAL ELLIPSIS}"
    problems = "\n".join(f"  {problem}" for problem in failure.problems[:_MOST_PROBLEMS])
    head = f"Answer {failure.number} ({failure.case.kind}), kept in {path}:"
    sys.stdout.write(f"{head}\n{problems}\n  {shown}\n\n")
    sys.stdout.flush()


def _summary(campaign: Campaign, seconds: float) -> str:
    assert campaign.slowest is not None
    slowest, number, case = campaign.slowest
    return (
        f"Seed {campaign.seed}, {seconds:.0f} s; the answers' digest is {campaign.digest}.\n"
        "Each answer is read as a body and as a reply, with and without agent_id.\n"
        f"Slowest: {slowest * 1000:.1f} ms (at most {campaign.slowest_seconds * 1000:.0f}), answer "
        f"{number}, {case.kind}, {len(case.body):,} bytes."
    )


if __name__ == "__main__":
    sys.exit(main())
