"""What is known of a world's history: the last check found a fault, or there is none known.

A world with a known fault takes nothing new until a whole check finds none (docs/adr/0011). How
a history is checked stands in `verify` and `artifact_check`; what follows is said here alone.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import DatabaseError

from lifecycle.core.values import JsonObject
from lifecycle.journal.store import Head
from lifecycle.models.worlds import World
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import WorldBrokenError

TABLES_DIFFER: Final = "tables_differ"
_log: Final = logging.getLogger(__name__)


def require_sound_history(head: Head) -> None:
    """Refuse what would add to a history with a known fault; it was read with the head.

    Raises:
        WorldBrokenError: a check found one, and no whole check has found none since.
    """
    if head.fault_code is not None:
        raise WorldBrokenError(None, fault_facts(head.slug, head.fault_seq, head.fault_code))


def fault_facts(slug: str, seq: int | None, code: str) -> JsonObject:
    """Give what a refusal tells of a fault; `last_good_seq` is where a fork would begin."""
    if code == TABLES_DIFFER:
        return {"world": slug, "reason": code, "tables": True}
    return {
        "world": slug,
        "reason": code,
        "seq": seq,
        "last_good_seq": seq - 1 if seq is not None and seq > 1 else None,
    }


def note_fault(slug: str, seq: int | None, code: str) -> None:
    """Keep that a check found a fault, so that the world takes nothing new."""
    found = World.objects.filter(slug=slug)
    _keep(lambda: found.update(fault_seq=seq, fault_code=code, fault_at=utc_now()))


def note_whole(slug: str, begun_at: datetime) -> None:
    """Keep that a whole check found no fault.

    A fault that was found after the check began may be in what it had read by then, and stays.
    """
    cured = World.objects.filter(slug=slug, fault_code__isnull=False, fault_at__lt=begun_at)
    # Asked first, for a check of a sound world writes nothing, as on a disk that is full.
    if cured.exists():
        _keep(lambda: cured.update(fault_seq=None, fault_code=None, fault_at=None))


def _keep(write: Callable[[], int]) -> None:
    """Write; where the store takes nothing, what was found is told all the same."""
    try:
        write()
    except DatabaseError:
        _log.exception("what a check found could not be kept")
