"""Prove or disprove that a world's history extends a signed checkpoint, and say it as JSON."""

import json
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from lifecycle.codec.notes import PublicKey
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.usecases.checkpoints import Disproof, Signed, compare, read_signed
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import Progress, Report, verify_world

# Longer histories are for the command, which says how far it is.
MOST_PROVEN: Final = 200_000


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


def note_in(text: str) -> str:
    """Give the note in what somebody kept of a checkpoint: the note, or its JSON from a list.

    Forms and editors change line ends and the last one; what was signed has line feeds.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    held = document.get("note") if isinstance(document, dict) else None
    note = held if isinstance(held, str) else text
    return note.replace("\r\n", "\n").strip() + "\n"


def proof_document(proof: Proof) -> Document:
    """Give a proof as JSON."""
    signed, disproof, report = proof
    return {
        "ok": proof.ok,
        "checkpoint": None if signed is None else msgspec.to_builtins(signed.text),
        "key": None if signed is None else signed.key.vkey,
        "disproof": None if disproof is None else disproof._asdict(),
        "report": None if report is None else report_document(report),
    }


def report_document(report: Report) -> Document:
    """Give a report as JSON."""
    fault = report.fault
    return {
        **report._asdict(),
        "ok": report.ok,
        "checks": list(report.checks),
        "fault": None if fault is None else fault._asdict(),
        "projections_differ": list(report.projections_differ),
        "checked_at": utc_text(report.checked_at),
    }
