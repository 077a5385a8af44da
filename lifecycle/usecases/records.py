"""Decision records: written with the events they cause, and found again.

The insert is by hand for the same reason as the journal's (docs/adr/0005).
"""

import json
from typing import Final, NamedTuple

from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import DecisionId
from lifecycle.journal.statements import Statement
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.projections.decisions import rejection_text

_INSERT: Final = Statement("""
    INSERT INTO lifecycle_decision
        (world_id, decision_id, agent_id, account, channel, submitted_at, idempotency_key,
         body_digest, kind, status, arguments, repairs, rejection, raw_reply, first_seq, last_seq,
         prompt_digest)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
""")
_LONGEST_RAW_REPLY: Final = 64 * 1024


class NewRecord(NamedTuple):
    """A decision as it is first written; `arguments` is JSON without bulk content."""

    world_pk: int
    decision_id: DecisionId
    agent_id: str
    account: str | None
    channel: str
    submitted_at: str
    idempotency_key: str | None
    body_digest: str
    kind: str
    status: DecisionStatus
    arguments: str
    repairs: tuple[str, ...]
    rejection: RejectionRecord | None
    raw_reply: str | None
    first_seq: int | None = None
    last_seq: int | None = None
    prompt_digest: str | None = None


def insert_record(record: NewRecord) -> None:
    """Write a record in the transaction of its events."""
    columns: list[object] = list(record)
    columns[_STATUS] = record.status.value
    columns[_REPAIRS] = json.dumps(record.repairs) if record.repairs else "[]"
    if record.rejection is not None:
        columns[_REJECTION] = rejection_text(record.rejection)
    if record.raw_reply is not None:
        columns[_RAW_REPLY] = _storable(record.raw_reply)
    _INSERT.run(columns)


_STATUS, _REPAIRS, _REJECTION, _RAW_REPLY = map(
    NewRecord._fields.index, ("status", "repairs", "rejection", "raw_reply")
)


def _storable(text: str) -> str:
    # PostgreSQL keeps no U+0000 in a text.
    return text[:_LONGEST_RAW_REPLY].replace("\0", "\ufffd")


def find_by_key(world_pk: int, agent_id: str, key: str) -> Decision | None:
    """Give the decision that an agent sent under an idempotency key."""
    return Decision.objects.filter(
        world_id=world_pk, agent_id=agent_id, idempotency_key=key
    ).first()
