"""Recorded decisions: one by its id, and lists of them, newest first. Writing is `submit`'s."""

import json
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.packages import decode_diagnostics
from lifecycle.content import store as content
from lifecycle.core.events import RejectionRecord
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonObject
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.events import events_at
from lifecycle.usecases.queries.pages import Page, page_of
from lifecycle.usecases.queries.sources import find_package

STATUSES: Final = tuple(status.value for status in DecisionStatus)
_SHORT_EVENT: Final = ("seq", "tick", "kind", "payload", "hash")


class DecisionInFull(NamedTuple):
    """A decision as its document, with what only its own page shows."""

    document: Document
    raw_reply: str | None
    sources: SourcePackage | None


def decisions_page(
    world: SeenWorld,
    *,
    agent_id: str | None = None,
    status: str | None = None,
    before: str | None = None,
    limit: int,
) -> Page[Document]:
    """Give a world's decisions, newest first, past the one with the id `before`.

    Raises:
        InvalidParameterError: `before` is no decision of this world, or `status` no status.
    """
    rows = Decision.objects.filter(world_id=world.pk).order_by("-id")
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    if status is not None:
        if status not in STATUSES:
            facts = {"received": status, "accepted": ", ".join(STATUSES)}
            raise InvalidParameterError("status", facts)
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=_place_of(world, before))
    page = page_of(rows[: limit + 1], limit, lambda row: row.decision_id)
    return Page(documents_of(world, page.rows), page.next)


def _place_of(world: SeenWorld, decision_id: str) -> int:
    row = _find_row(world, decision_id)
    if row is None:
        facts = {"received": decision_id, "accepted": "the id of a decision of this world"}
        raise InvalidParameterError("before", facts)
    return row.pk


def _find_row(world: SeenWorld, decision_id: str) -> Decision | None:
    return Decision.objects.filter(world_id=world.pk, decision_id=decision_id).first()


def find_decision(worlds: Iterable[SeenWorld], decision_id: str) -> Document | None:
    """Give a decision by its id from the worlds that the caller sees.

    A copy of a world holds the same ids as its origin; the first recorded one is given.
    """
    seen = {world.pk: world for world in worlds}
    rows = Decision.objects.filter(decision_id=decision_id).order_by("pk")
    row = next((row for row in rows if row.world_id in seen), None)
    return None if row is None else decision_document(seen[row.world_id], row)


def get_decision(world: SeenWorld, decision_id: str) -> Document:
    """Give one decision of a world as it stands now.

    Raises:
        NotFoundError: the world has no decision with this id.
    """
    document = find_decision([world], decision_id)
    if document is None:
        raise NotFoundError("decision_id", {"received": decision_id[:80]})
    return document


def find_decision_in_full(world: SeenWorld, decision_id: str) -> DecisionInFull | None:
    """Give one decision of a world with the text that was sent and the sources it sent."""
    row = _find_row(world, decision_id)
    if row is None:
        return None
    document = decision_document(world, row)
    return DecisionInFull(document, row.raw_reply, _sources_asked(row, document))


def _sources_asked(row: Decision, document: Document) -> SourcePackage | None:
    # A refused request stores no sources; only one that reached the workers has them.
    if row.kind != "compile_module_artifact_from_source" or row.first_seq is None:
        return None
    for event in document["events"]:
        if event["kind"] == "ModuleCompileRequested":
            return find_package(event["payload"]["source_digest"])
    return None


def decision_document(world: SeenWorld, row: Decision) -> Document:
    """Give a recorded decision with its events, its rejection and its compiler's diagnostics."""
    return documents_of(world, [row])[0]


def documents_of(world: SeenWorld, rows: list[Decision]) -> list[Document]:
    """Give recorded decisions as their documents, with one query for all of their events."""
    places = {row.pk: _places_of(row) for row in rows}
    events = events_at(world, (seq for seqs in places.values() for seq in seqs))
    return [
        _document(world, row, [events[seq] for seq in places[row.pk] if seq in events])
        for row in rows
    ]


def _places_of(row: Decision) -> list[int]:
    places: list[int] = []
    if row.first_seq is not None and row.last_seq is not None:
        places.extend(range(row.first_seq, row.last_seq + 1))
    if row.outcome_seq is not None:
        places.append(row.outcome_seq)
    return places


def _document(world: SeenWorld, row: Decision, events: list[Document]) -> Document:
    rejection = rejection_of(row)
    return {
        "id": row.decision_id,
        "world": world.slug,
        "agent_id": row.agent_id,
        "account": row.account,
        "channel": row.channel,
        "submitted_at": row.submitted_at,
        "decision": json.loads(row.arguments),
        "status": row.status,
        "events": [{key: event[key] for key in _SHORT_EVENT} for event in events],
        "rejection": rejection_document(rejection),
        "diagnostics": _diagnostics_of(rejection),
        "repairs": json.loads(row.repairs),
        "prompt_digest": row.prompt_digest,
    }


def rejection_of(row: Decision) -> RejectionRecord | None:
    """Give the rejection that a recorded decision met."""
    if row.rejection is None:
        return None
    return msgspec.json.decode(row.rejection, type=RejectionRecord)


def _diagnostics_of(rejection: RejectionRecord | None) -> list[JsonObject]:
    digest = None if rejection is None else rejection.facts.get("diagnostics_digest")
    return [] if digest is None else decode_diagnostics(content.get(digest))
