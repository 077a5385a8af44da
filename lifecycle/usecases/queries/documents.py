"""The documents that every face shows, the same by REST, MCP, page and command: events, refusals.

What a decision, an artifact or a world looks like stands in the files of those.
"""

from typing import Any, Final

import orjson

from lifecycle.codec.events import EventFormatError, decode_event
from lifecycle.core.events import RejectionRecord
from lifecycle.journal.reading import StoredEvent
from lifecycle.protocol.wording import describe

Document = dict[str, Any]

_UNREADABLE: Final[Document] = {
    "actor": {"account": None, "agent_id": None, "channel": ""},
    "decision_id": None,
    "kind": "Unreadable",
    "payload": {},
    "prev_hash": "",
    "recorded_at": "",
    "schema_version": 0,
    "tick": 0,
}


def rejection_document(record: RejectionRecord | None) -> Document | None:
    """Give a rejection with its sentence and its hint."""
    if record is None:
        return None
    wording = describe(record.code, record.field, record.facts)
    return {
        "code": record.code,
        "field": record.field,
        "message": wording.message,
        "hint": wording.hint,
        "facts": record.facts,
    }


def event_document(event: StoredEvent) -> Document:
    """Give a stored event as JSON, with the hash of its bytes.

    One whose bytes are no event any more is shown as such, so that what stands around it is still
    shown; `verify` names its place.
    """
    try:
        decode_event(event.body)
    except EventFormatError:
        return {**_UNREADABLE, "seq": event.seq, "hash": event.hash}
    body: Document = orjson.loads(event.body)
    return {**body, "hash": event.hash}
