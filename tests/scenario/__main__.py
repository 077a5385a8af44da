"""`make scenario`: tell the story three ways and print what each left behind."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.scenario.telling import Told, tell


def main() -> int:
    """Print a table; 1 says that the ways differ or a world does not verify."""
    with tempfile.TemporaryDirectory() as folder:
        told = tell(Path(folder))
    same = len({(one.kinds, one.state_digest) for one in told}) == 1
    verdict = "The same kinds and the same state." if same else "The ways DIFFER."
    sys.stdout.write("\n".join([*_table(told), verdict, ""]))
    return 0 if same and all(one.verified for one in told) else 1


def _table(told: list[Told]) -> Iterator[str]:
    yield f"{'seq':>4}  " + "  ".join(f"{one.way:<24}" for one in told)
    for seq, kinds in enumerate(zip(*(one.kinds for one in told), strict=False), start=1):
        yield f"{seq:>4}  " + "  ".join(f"{kind:<24}" for kind in kinds)
    for one in told:
        yield f"{one.way:<8} {len(one.kinds)} events, state {one.state_digest}, {_words(one)}"


def _words(one: Told) -> str:
    return "verified" if one.verified else "NOT verified"


if __name__ == "__main__":
    sys.exit(main())
