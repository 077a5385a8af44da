"""Decisions as the document that every face shows, the same by REST, MCP and command."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import orjson

from lifecycle.codec.packages import decode_diagnostics
from lifecycle.content import store as content
from lifecycle.core.events import RejectionRecord
from lifecycle.core.values import JsonObject
from lifecycle.journal.reading import StoredEvent, find_event, read_events
from lifecycle.models.decisions import Decision
from lifecycle.protocol.wording import describe

Document = dict[str, Any]


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
    """Give a stored event as JSON, with the hash of its bytes."""
    body: Document = orjson.loads(event.body)
    return {**body, "hash": event.hash}


def _short_event(event: Document) -> Document:
    return {key: event[key] for key in ("seq", "tick", "kind", "payload", "hash")}


def decision_document(world: str, decision: Decision) -> Document:
    """Give a recorded decision with its events, its rejection and its compiler's diagnostics."""
    rejection = rejection_of(decision)
    return {
        "id": decision.decision_id,
        "world": world,
        "agent_id": decision.agent_id,
        "account": decision.account,
        "channel": decision.channel,
        "submitted_at": decision.submitted_at,
        "decision": json.loads(decision.arguments),
        "status": decision.status,
        "events": [_short_event(event_document(event)) for event in _events_of(decision)],
        "rejection": rejection_document(rejection),
        "diagnostics": diagnostics_of(rejection),
        "repairs": json.loads(decision.repairs),
    }


def rejection_of(decision: Decision) -> RejectionRecord | None:
    """Give the rejection that a recorded decision met."""
    if decision.rejection is None:
        return None
    return msgspec.json.decode(decision.rejection, type=RejectionRecord)


def _events_of(decision: Decision) -> Iterable[StoredEvent]:
    if decision.first_seq is not None and decision.last_seq is not None:
        count = decision.last_seq - decision.first_seq + 1
        yield from read_events(decision.world_id, after=decision.first_seq - 1, limit=count)
    if decision.outcome_seq is not None:
        outcome = find_event(decision.world_id, decision.outcome_seq)
        if outcome is not None:
            yield outcome


def diagnostics_of(rejection: RejectionRecord | None) -> list[JsonObject]:
    """Give what the compiler said of a failed compile."""
    digest = None if rejection is None else rejection.facts.get("diagnostics_digest")
    if digest is None:
        return []
    return decode_diagnostics(content.get(digest))
