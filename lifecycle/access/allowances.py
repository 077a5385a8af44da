"""Allowances that are used up and come back at a steady rate, counted in the database.

One row and one statement each, so that any number of processes count as one, on SQLite too. It is
the generic cell rate algorithm: a row holds the moment when all of the allowance is there again.
What is limited, and by how much, stands in `usecases.rates`.
"""

import hashlib
from typing import Final, NamedTuple

from lifecycle.journal.statements import Statement
from lifecycle.models.teams import Allowance

# By hand, since every submit takes from one (docs/adr/0005).
_TAKE: Final = Statement("""
    INSERT INTO lifecycle_allowance (key, full_at_ms) VALUES (%s, %s)
    ON CONFLICT (key) DO UPDATE SET full_at_ms = %s + CASE
        WHEN lifecycle_allowance.full_at_ms > %s THEN lifecycle_allowance.full_at_ms ELSE %s END
    WHERE lifecycle_allowance.full_at_ms <= %s
    RETURNING full_at_ms
""")
_LOOK: Final = Statement("SELECT full_at_ms FROM lifecycle_allowance WHERE key = %s")
_GIVE_BACK: Final = Statement(
    "UPDATE lifecycle_allowance SET full_at_ms = full_at_ms - %s WHERE key = %s"
)


class Rate(NamedTuple):
    """So many in so many seconds: at once, or spread over them, and then one by one."""

    name: str
    most: int
    seconds: int

    @property
    def each_ms(self) -> int:
        """Give after how long one comes back."""
        return max(1, self.seconds * 1000 // self.most)


def take(rate: Rate, of: str, *, now_ms: int, writes: bool = False) -> int:
    """Take one; give 0, or the milliseconds to wait where none is left.

    Args:
        rate: How many there are.
        of: Whose allowance it is; only a digest of it is stored.
        now_ms: The time, in milliseconds since 1970.
        writes: Whether the transaction around this writes in any case.
    """
    # Looking takes no lock: who is refused does not keep the others from writing.
    waiting = 0 if writes else wait_of(rate, of, now_ms=now_ms)
    if waiting:
        return waiting
    each, latest = rate.each_ms, now_ms + (rate.most - 1) * rate.each_ms
    values = [_key(rate, of), now_ms + each, each, now_ms, now_ms, latest]
    return 0 if _TAKE.all(values) else wait_of(rate, of, now_ms=now_ms) or each


def wait_of(rate: Rate, of: str, *, now_ms: int) -> int:
    """Give the milliseconds until there is one to take, and take none."""
    row = _LOOK.first([_key(rate, of)])
    return 0 if row is None else max(0, row[0] - now_ms - (rate.most - 1) * rate.each_ms)


def give_back(rate: Rate, of: str) -> None:
    """Give back one that was taken."""
    _GIVE_BACK.run([rate.each_ms, _key(rate, of)])


def forget_full(*, now_ms: int) -> int:
    """Delete the rows of allowances that are all there again, and say how many."""
    full = Allowance.objects.filter(full_at_ms__lt=now_ms)
    return full.delete()[0] if full.exists() else 0


def _key(rate: Rate, of: str) -> str:
    return hashlib.sha256(f"{rate.name}\0{of}".encode(errors="replace")).hexdigest()
