"""Take a body in as a decision: read it, settle for whom it speaks, submit it or only judge it.

The same for every face that takes decisions as bytes.
"""

from typing import NamedTuple

from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId
from lifecycle.models.decisions import DecisionStatus
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_decision
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.errors import ActingForAnotherError
from lifecycle.usecases.outcomes import outcome_document
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.submit import Outcome, Submission, dry_run, keep_malformed, submit

_LONGEST_RAW_REPLY = 64 * 1024


class Delivery(NamedTuple):
    """A body on its way in.

    Attributes:
        world: The world's slug; the caller is known to see it.
        agent_id: The agent whose token came with it; `None` for an account, which names the
            agent in the body.
        account: The account's name, where it is one.
        channel: How it came.
        body: The bytes as sent.
        text_reply: Whether the body is a model's raw reply.
        key: The idempotency key.
        rehearsal: Whether to judge and write nothing down.
    """

    world: str
    agent_id: AgentId | None
    account: str | None
    channel: str
    body: bytes
    text_reply: bool = False
    key: str | None = None
    rehearsal: bool = False


class Receipt(NamedTuple):
    """What became of a body: its document, its status, and whether its key was known."""

    document: Document
    status: str
    repeated: bool


def receive(delivery: Delivery) -> Receipt:
    """Take a body in.

    Raises:
        WorldNotFoundError: no such world.
        ActingForAnotherError: the body names an agent that is not the token's own.
        KeyReusedError: the key came before with another decision.
        InvalidKeyError: the key is not acceptable.
    """
    parsed = parse_decision(delivery.body, text_reply=delivery.text_reply, takes_agent_id=True)
    if isinstance(parsed, Malformed):
        return _answer_malformed(delivery, parsed)
    agent_id = _agent_of(delivery, parsed)
    if agent_id is None:
        fault = Malformed(
            "missing_field", "agent_id", {"missing": ["agent_id"]}, repairs=parsed.repairs
        )
        return _answer_malformed(delivery, fault)
    submission = _submission(delivery, agent_id)
    outcome = (dry_run if delivery.rehearsal else submit)(submission, parsed)
    return _receipt(submission, outcome)


def _agent_of(delivery: Delivery, parsed: Parsed) -> AgentId | None:
    if delivery.agent_id is None:
        return None if parsed.agent_id is None else AgentId(parsed.agent_id)
    if parsed.agent_id not in {None, delivery.agent_id}:
        facts = {"received": parsed.agent_id, "agent_id": delivery.agent_id}
        raise ActingForAnotherError("agent_id", facts)
    return delivery.agent_id


def _submission(delivery: Delivery, agent_id: AgentId) -> Submission:
    raw = delivery.body[:_LONGEST_RAW_REPLY].decode(errors="replace")
    return Submission(
        delivery.world, agent_id, delivery.account, delivery.channel, delivery.key, raw
    )


def _answer_malformed(delivery: Delivery, fault: Malformed) -> Receipt:
    # A body that names nobody is kept under nobody's name.
    agent_id = delivery.agent_id or AgentId(fault.agent_id or "")
    submission = _submission(delivery, agent_id)
    if delivery.rehearsal:
        return _receipt(submission, _rehearsed(fault))
    return _receipt(submission, keep_malformed(submission, fault, delivery.body))


def _rehearsed(fault: Malformed) -> Outcome:
    return Outcome(
        None,
        utc_text(utc_now()),
        DecisionStatus.MALFORMED,
        {},
        (),
        (),
        RejectionRecord(fault.code, fault.field, fault.facts),
        fault.repairs,
    )


def _receipt(submission: Submission, outcome: Outcome) -> Receipt:
    document = outcome_document(submission, outcome)
    return Receipt(document, DecisionStatus(outcome.status).value, outcome.earlier is not None)
