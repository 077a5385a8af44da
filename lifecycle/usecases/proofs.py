"""Prove or disprove that a world's history extends a signed checkpoint."""

from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.codec.notes import PublicKey
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.usecases.checkpoints import Disproof, Signed, compare, read_signed
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import Progress, Report, verify_world


class Proof(NamedTuple):
    """What came of it: `report` is absent where the checkpoint alone decides."""

    signed: Signed | None
    disproof: Disproof | None
    report: Report | None

    @property
    def ok(self) -> bool:
        """Say whether the history is whole and extends the checkpoint."""
        return self.disproof is None and self.report is not None and self.report.ok


def prove(
    slug: str, note: str, keys: Iterable[PublicKey], progress: Progress | None = None
) -> Proof:
    """Check a checkpoint's signature, the whole journal, and that the one extends the other.

    Args:
        slug: The world.
        note: The checkpoint as it was handed out.
        keys: The keys that are trusted to have signed it.
        progress: As in `verify_world`.

    Raises:
        WorldNotFoundError: no such world.
    """
    signed = read_signed(note, keys)
    if isinstance(signed, Disproof):
        return Proof(None, signed, None)
    disproof = compare(slug, signed.text, None)
    report = verify_world(slug, progress=progress)
    if disproof is None and report.ok:
        disproof = compare(slug, signed.text, _digest_at(slug, signed.text.seq))
    return Proof(signed, disproof, report)


def _digest_at(slug: str, seq: int) -> str | None:
    try:
        return state_at(slug, seq).digest
    except JournalBrokenError:
        # Something changed since the check above, which held; the hashes have decided.
        return None
