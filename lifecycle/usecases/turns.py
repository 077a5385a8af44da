"""The decisions of runs' turns: what a turn that came to none leaves behind, and what came before.

Every turn ends in exactly one decision record, found by its idempotency key. How a model is asked
is not said here.
"""

import json
from typing import Any, Final, NamedTuple

from django.db import transaction

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.content import store as content
from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId
from lifecycle.core.values import JsonObject
from lifecycle.journal import store as journal
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.protocol.parser import Parsed
from lifecycle.usecases.clock import new_decision_id, utc_now, utc_text
from lifecycle.usecases.records import NewRecord, find_by_key, insert_record
from lifecycle.usecases.submit import Submission

RUNNER: Final = "runner"
_REFUSED: Final = frozenset({DecisionStatus.REJECTED.value, DecisionStatus.MALFORMED.value})


class TurnOwner(NamedTuple):
    """Whose turn it is: the run, the world, the agent, and the account that started the run."""

    run_id: str
    world: SeenWorld
    agent_id: AgentId
    account: str | None


class NoDecision(NamedTuple):
    """Why a turn has no decision; `raw_reply` is what the model said, where it said something."""

    code: str
    field: str | None
    facts: JsonObject
    raw_reply: str | None = None
    repairs: tuple[str, ...] = ()


class Recorded(NamedTuple):
    """The decision record that a turn ended in."""

    decision_id: str
    status: str


class Recent(NamedTuple):
    """A decision that an agent made before: whether it was refused, and what it said, as digest."""

    refused: bool
    kind: str
    body_digest: str


def turn_key(run_id: str, number: int) -> str:
    """Give the idempotency key of a turn's one decision.

    It holds blanks, which no key of a caller may hold: whoever knows a run's id cannot come before
    it with a decision under the key of a turn.
    """
    return f"run {run_id} turn {number}"


def submission_of(
    owner: TurnOwner, number: int, raw_reply: str, prompt_digest: str | None
) -> Submission:
    """Give the submission under which a turn's decision is sent."""
    return Submission(
        owner.world.slug,
        owner.agent_id,
        owner.account,
        RUNNER,
        turn_key(owner.run_id, number),
        raw_reply,
        prompt_digest,
    )


def find_turn_decision(owner: TurnOwner, number: int) -> Recorded | None:
    """Give the record of a turn's decision, where it was submitted."""
    row = find_by_key(owner.world.pk, owner.agent_id, turn_key(owner.run_id, number))
    return None if row is None else Recorded(row.decision_id, row.status)


def record_no_decision(
    owner: TurnOwner, number: int, none: NoDecision, prompt_digest: str | None
) -> Recorded:
    """Keep a turn without a decision as a malformed one; it never reaches the journal.

    A turn that has its record keeps that.

    Raises:
        WorldNotFoundError: the world is gone.
    """
    with transaction.atomic():
        head = journal.lock_head(owner.world.slug)
        earlier = find_turn_decision(owner, number)
        if earlier is not None:
            return earlier
        decision_id = new_decision_id()
        said = (none.raw_reply or none.code).encode(errors="replace")
        insert_record(
            NewRecord(
                world_pk=head.world_pk,
                decision_id=decision_id,
                agent_id=owner.agent_id,
                account=owner.account,
                channel=RUNNER,
                submitted_at=utc_text(utc_now()),
                idempotency_key=turn_key(owner.run_id, number),
                body_digest=digest_of(said),
                kind="",
                status=DecisionStatus.MALFORMED,
                arguments="{}",
                repairs=none.repairs,
                rejection=RejectionRecord(none.code, none.field, none.facts),
                raw_reply=none.raw_reply,
                prompt_digest=prompt_digest,
            )
        )
    return Recorded(decision_id, DecisionStatus.MALFORMED.value)


def keep_prompt(encoded: bytes) -> str:
    """Store the messages that a model is asked with, as canonical JSON, and give their digest."""
    prepared = content.prepare(encoded)
    content.store(prepared)
    return prepared.digest


def get_prompt(digest: str) -> list[dict[str, Any]]:
    """Give the messages that a model was asked with.

    Raises:
        ContentError: there are none with this digest.
    """
    messages: list[dict[str, Any]] = json.loads(content.get(digest))
    return messages


def decision_digest(parsed: Parsed) -> str:
    """Give the digest by which two decisions are told to be the same."""
    return digest_of(canonical_bytes(parsed.arguments))


def recent_decisions(owner: TurnOwner, most: int) -> list[Recent]:
    """Give an agent's last decisions, newest first, whichever way they came."""
    rows = Decision.objects.filter(world_id=owner.world.pk, agent_id=owner.agent_id)
    newest = rows.order_by("-id").values_list("status", "kind", "body_digest")[:most]
    return [Recent(status in _REFUSED, kind, digest) for status, kind, digest in newest]


def is_compiling(owner: TurnOwner) -> bool:
    """Say whether a compile of the agent has not ended yet."""
    return CompileJob.objects.filter(
        world_id=owner.world.pk,
        publisher_agent_id=owner.agent_id,
        state__in=[JobState.QUEUED, JobState.RUNNING],
    ).exists()
