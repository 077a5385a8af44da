"""A decision just submitted or judged, as the document that reading it back gives too.

What is read back from the store is `queries.decisions`' matter.
"""

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.events import kind_of, payload_of
from lifecycle.journal.store import Appended
from lifecycle.usecases.queries.decisions import decision_document
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.submit import Outcome, Submission


def _appended_document(appended: Appended) -> Document:
    recorded = appended.recorded
    return {
        "seq": recorded.seq,
        "tick": recorded.tick,
        "kind": kind_of(recorded.event),
        "payload": payload_of(recorded.event),
        "hash": appended.hash,
    }


def outcome_document(submission: Submission, outcome: Outcome) -> Document:
    """Give a decision just submitted, or just judged in a dry run, as its document."""
    if outcome.earlier is not None:
        world = SeenWorld(outcome.earlier.world_id, submission.world)
        return decision_document(world, outcome.earlier)
    events = [_appended_document(appended) for appended in outcome.appended]
    if not events:
        events = [
            {"seq": None, "tick": None, "kind": kind_of(event), "payload": payload_of(event)}
            for event in outcome.events
        ]
    return {
        "id": outcome.decision_id,
        "world": submission.world,
        "agent_id": submission.agent_id,
        "account": submission.account,
        "channel": submission.channel,
        "submitted_at": outcome.submitted_at,
        "decision": outcome.summary,
        "status": outcome.status.value,
        "events": events,
        "rejection": rejection_document(outcome.rejection),
        "diagnostics": list(outcome.diagnostics),
        "repairs": list(outcome.repairs),
        "prompt_digest": submission.prompt_digest,
    }
