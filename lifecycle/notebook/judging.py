"""What becomes of what a composer sends: submitted or tried, taken or refused. Draws no page."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest

from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId, is_id
from lifecycle.notebook.composer import Answer
from lifecycle.notebook.composing import Composed
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_decision
from lifecycle.usecases.errors import (
    ActingForAnotherError,
    KeyReusedError,
    MalformedIdError,
    RateLimitedError,
    UseCaseError,
    WorldBrokenError,
)
from lifecycle.usecases.outcomes import outcome_document
from lifecycle.usecases.queries.documents import rejection_document
from lifecycle.usecases.submit import Submission, dry_run, keep_malformed, submit

_STATUS_OF: Final = {
    ActingForAnotherError: HTTPStatus.FORBIDDEN,
    KeyReusedError: HTTPStatus.CONFLICT,
    RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    WorldBrokenError: HTTPStatus.CONFLICT,
}


def why_no_form(composed: Composed) -> Answer | None:
    """Say why a text stays JSON."""
    parsed = parse_decision(composed.text.encode(), takes_agent_id=True)
    if not isinstance(parsed, Malformed):
        return None
    record = RejectionRecord(parsed.code, parsed.field, parsed.facts)
    heading = "This text stays JSON."
    return Answer(HTTPStatus.OK, None, rejection_document(record), dry=True, heading=heading)


def not_kept(error: UseCaseError) -> Answer:
    """Say why there is no draft of what was written."""
    rejection = rejection_document(RejectionRecord(error.code, error.field, error.facts))
    heading = "This is not kept as a draft."
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return Answer(status, None, rejection, dry=True, heading=heading)


def judged(request: HttpRequest, slug: str, composed: Composed, key: str) -> Answer:
    """Submit what stands in a composer, or only try it."""
    dry = "dry_run" in request.POST
    try:
        return _judge(_submission(request, slug, composed, key), composed.body, dry=dry)
    except UseCaseError as error:
        status = _STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        rejection = rejection_document(RejectionRecord(error.code, error.field, error.facts))
        return Answer(status, None, rejection, dry)


def _submission(request: HttpRequest, slug: str, composed: Composed, key: str) -> Submission:
    if not is_id(composed.agent_id):
        raise MalformedIdError("agent_id", composed.agent_id)
    return Submission(
        world=slug,
        agent_id=AgentId(composed.agent_id),
        account=request.user.get_username(),
        channel="notebook",
        idempotency_key=key,
        raw_reply=composed.body,
    )


def _judge(submission: Submission, text: str, *, dry: bool) -> Answer:
    body = text.encode()
    parsed = parse_decision(body, takes_agent_id=True)
    if isinstance(parsed, Malformed):
        if not dry:
            keep_malformed(submission, parsed, body)
        record = RejectionRecord(parsed.code, parsed.field, parsed.facts)
        return Answer(HTTPStatus.BAD_REQUEST, None, rejection_document(record), dry)
    _require_chosen_agent(parsed, submission)
    outcome = dry_run(submission, parsed) if dry else submit(submission, parsed)
    document = outcome_document(submission, outcome)
    refused = document["rejection"] is not None and not dry
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return Answer(status, document, document["rejection"], dry)


def _require_chosen_agent(parsed: Parsed, submission: Submission) -> None:
    """Refuse a text that names another agent than the form does.

    Raises:
        ActingForAnotherError: it does.
    """
    if parsed.agent_id is not None and parsed.agent_id != submission.agent_id:
        facts = {"received": parsed.agent_id[:140], "agent_id": submission.agent_id}
        raise ActingForAnotherError("agent_id", facts)
