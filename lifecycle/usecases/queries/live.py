"""Whether what a world shows has changed. What it then shows stands in the other files."""

import re
from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.journal.statements import Statement

# By hand, since it is asked ten times a second while somebody looks (docs/adr/0005). Each part is
# a look-up by index, and none grows with the journal.
_PULSE: Final = Statement("""
    SELECT h.seq,
      (SELECT MAX(d.id) FROM lifecycle_decision d WHERE d.world_id = h.world_id),
      (SELECT COUNT(*) FROM lifecycle_compilejob j
        WHERE j.world_id = h.world_id AND j.state = 'queued'),
      (SELECT COUNT(*) FROM lifecycle_compilejob j
        WHERE j.world_id = h.world_id AND j.state = 'running'),
      (SELECT MAX(j.started_at) FROM lifecycle_compilejob j
        WHERE j.world_id = h.world_id AND j.state = 'running'),
      (SELECT MAX(j.said_at) FROM lifecycle_compilejob j
        WHERE j.world_id = h.world_id AND j.state = 'running'),
      (SELECT MIN(j.id) FROM lifecycle_compilejob j WHERE j.state = 'queued'),
      (SELECT MAX(r.id) FROM lifecycle_agentrun r WHERE r.world_id = h.world_id),
      (SELECT COUNT(*) FROM lifecycle_agentrun r
        WHERE r.world_id = h.world_id AND r.state IN ('running', 'stopping')),
      (SELECT SUM(r.turns_taken) FROM lifecycle_agentrun r
        WHERE r.world_id = h.world_id AND r.state IN ('running', 'stopping')),
      (SELECT w.fault_code FROM lifecycle_world w WHERE w.id = h.world_id),
      (SELECT w.fault_seq FROM lifecycle_world w WHERE w.id = h.world_id)
    FROM lifecycle_journalhead h WHERE h.world_id = %s
""")
_VERSION: Final = re.compile(r"([0-9]{1,18})([.].*)?", re.ASCII)


class Pulse(NamedTuple):
    """Where a world is: its journal's end, and a text for each part that moves without it."""

    seq: int
    decisions: str
    compiles: str
    runs: str
    history: str

    @property
    def version(self) -> str:
        """Give all of it as one short text."""
        return ".".join((str(self.seq), self.decisions, self.compiles, self.runs, self.history))

    def parts_changed_since(self, before: "Pulse") -> list[str]:
        """Name the parts that are not as before, the journal aside."""
        return [part for part in PARTS if getattr(self, part) != getattr(before, part)]


PARTS: Final = ("decisions", "compiles", "runs", "history")


def find_pulse(world: SeenWorld) -> Pulse | None:
    """Give where a world is, by one look-up, or `None` where its head is gone."""
    row = _PULSE.first([world.pk])
    if row is None:
        return None
    seq, decision, queued, running, started, said, first_queued, *runs, fault, bad_seq = row
    # Where nothing of this world waits, the queue of the others does not concern it.
    first = first_queued if queued else None
    compiles = _text(queued, running, started, said, first)
    return Pulse(seq, _text(decision), compiles, _text(*runs), _text(fault, bad_seq))


def live_version(world: SeenWorld) -> str:
    """Give a short text that changes when what a world's page shows does."""
    pulse = find_pulse(world)
    return "" if pulse is None else pulse.version


def seq_shown_by(version: str) -> int | None:
    """Give the last event that a page of a version knows; `None` for what is no version."""
    read = _VERSION.fullmatch(version)
    return None if read is None else int(read[1])


def _text(*parts: object) -> str:
    # Only ever compared; a moment is a text or an object, as the database gives it.
    return "-".join(str(part or 0).replace(" ", "T") for part in parts)
