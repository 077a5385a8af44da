"""Submit a decision: parse, judge, append, project, in one transaction under the world's lock."""

import re
from typing import Final, NamedTuple

from django.db import transaction

from lifecycle.access.acting import may_act_for
from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.codec.packages import encode_diagnostics
from lifecycle.content import store as content
from lifecycle.content.store import Prepared
from lifecycle.core.actions import CompileModuleArtifactFromSource
from lifecycle.core.events import ActionRejected, Actor, Event, RejectionRecord
from lifecycle.core.ids import AgentId, DecisionId
from lifecycle.core.rejections import InvalidWasm, record_of
from lifecycle.core.values import JsonObject
from lifecycle.journal import store as journal
from lifecycle.journal.store import Appended, Head
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.projections.compiles import job_of
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed
from lifecycle.protocol.summary import summary_of
from lifecycle.usecases.clock import new_decision_id, utc_now, utc_text
from lifecycle.usecases.errors import ActingForAnotherError, InvalidKeyError, KeyReusedError
from lifecycle.usecases.inspections import store_inspection
from lifecycle.usecases.intent import Intent, intent_of
from lifecycle.usecases.queue import enqueue_compile
from lifecycle.usecases.rates import count_submit
from lifecycle.usecases.recording import Judgement, Stamp, judge, record
from lifecycle.usecases.records import NewRecord, find_by_key, insert_record
from lifecycle.usecases.soundness import require_sound_history

_RUNNER: Final = "runner"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


class Submission(NamedTuple):
    """A decision on its way in: who sends it, for which agent, by which channel.

    `raw_reply` is the text it was found in, kept where something in it had to be repaired.
    `prompt_digest` names the prompt of the model that decided, where it was asked from here.
    """

    world: str
    agent_id: AgentId
    account: str | None
    channel: str
    idempotency_key: str | None = None
    raw_reply: str | None = None
    prompt_digest: str | None = None


class Outcome(NamedTuple):
    """What became of a submission. `earlier` is set when its key was known: the first answer."""

    decision_id: str | None
    submitted_at: str
    status: DecisionStatus
    summary: JsonObject
    appended: tuple[Appended, ...]
    events: tuple[Event, ...]
    rejection: RejectionRecord | None
    repairs: tuple[str, ...]
    earlier: Decision | None = None
    diagnostics: tuple[JsonObject, ...] = ()


def submit(submission: Submission, parsed: Parsed) -> Outcome:
    """Judge a decision and write it down, once for each idempotency key.

    Raises:
        WorldNotFoundError: no such world.
        ActingForAnotherError: the decision names another agent, or the account may not act for it.
        KeyReusedError: the key came before with another decision.
        InvalidKeyError: the key is not 1 to 255 printable ASCII characters without spaces.
        WorldBrokenError: the world's history is known to be broken.
    """
    if submission.channel != _RUNNER:
        require_key(submission.idempotency_key)
    require_may_act(submission)
    intent = intent_of(parsed.decision, submission.agent_id, submission.world)
    summary = summary_of(parsed.decision)
    body_digest = digest_of(canonical_bytes(parsed.arguments))
    with transaction.atomic():
        _count(submission)
        head = journal.lock_head(submission.world)
        earlier = _find_earlier(head, submission, body_digest)
        if earlier is not None:
            return _repeated(earlier)
        require_sound_history(head)
        judgement = judge(head, intent.action, intent.policy)
        return _write(_Case(submission, parsed, summary, body_digest), head, intent, judgement)


class _Case(NamedTuple):
    """A submission with what was made of it before the lock."""

    submission: Submission
    parsed: Parsed
    summary: JsonObject
    body_digest: str


def _write(case: _Case, head: Head, intent: Intent, judgement: Judgement) -> Outcome:
    submission, now = case.submission, utc_now()
    refused = _refusal_of(judgement, intent)
    events = judgement.events
    if refused is not None:
        events = (ActionRejected(case.summary, refused, None),)
    if intent.content is not None and judgement.events:
        _keep_content(intent.content, intent)
    decision_id = new_decision_id()
    actor = Actor(submission.account, submission.agent_id, submission.channel)
    appended = record(head, judgement.state, events, Stamp(decision_id, actor, now))
    outcome = Outcome(
        decision_id,
        utc_text(now),
        _status_of(judgement, intent),
        case.summary,
        appended,
        events,
        refused,
        case.parsed.repairs,
        diagnostics=_remarks_of(judgement, intent),
    )
    insert_record(_record(case, head, decision_id, outcome))
    if outcome.status is DecisionStatus.COMPILING:
        enqueue_compile(job_of(head.world_pk, appended[0].recorded.seq).pk)
    return outcome


def _refusal_of(judgement: Judgement, intent: Intent) -> RejectionRecord | None:
    """Give the stored form of a refusal; it names the engine's remarks by their digest."""
    if judgement.rejection is None:
        return None
    stored = record_of(judgement.rejection)
    remarks = _remarks_of(judgement, intent)
    if not remarks:
        return stored
    prepared = content.prepare(encode_diagnostics(list(remarks)))
    content.store(prepared)
    facts = {**stored.facts, "diagnostics_digest": prepared.digest}
    return RejectionRecord(stored.code, stored.field, facts)


def _remarks_of(judgement: Judgement, intent: Intent) -> tuple[JsonObject, ...]:
    return intent.remarks if isinstance(judgement.rejection, InvalidWasm) else ()


def _keep_content(prepared: Prepared, intent: Intent) -> None:
    content.store(prepared)
    if intent.inspection is not None:
        store_inspection(prepared.digest, intent.inspection)


def _record(case: _Case, head: Head, decision_id: DecisionId, outcome: Outcome) -> NewRecord:
    submission, appended = case.submission, outcome.appended
    return NewRecord(
        world_pk=head.world_pk,
        decision_id=decision_id,
        agent_id=submission.agent_id,
        account=submission.account,
        channel=submission.channel,
        submitted_at=outcome.submitted_at,
        idempotency_key=submission.idempotency_key,
        body_digest=case.body_digest,
        kind=case.parsed.decision.decision,
        status=outcome.status,
        arguments=canonical_bytes(case.summary).decode(),
        repairs=outcome.repairs,
        rejection=outcome.rejection,
        raw_reply=submission.raw_reply if outcome.repairs else None,
        first_seq=appended[0].recorded.seq if appended else None,
        last_seq=appended[-1].recorded.seq if appended else None,
        prompt_digest=submission.prompt_digest,
    )


def _status_of(judgement: Judgement, intent: Intent) -> DecisionStatus:
    if judgement.rejection is not None:
        return DecisionStatus.REJECTED
    if not judgement.events:
        return DecisionStatus.UNCHANGED
    if isinstance(intent.action, CompileModuleArtifactFromSource):
        return DecisionStatus.COMPILING
    return DecisionStatus.APPLIED


def _find_earlier(head: Head, submission: Submission, body_digest: str) -> Decision | None:
    key = submission.idempotency_key
    if key is None:
        return None
    earlier = find_by_key(head.world_pk, submission.agent_id, key)
    if earlier is not None and earlier.body_digest != body_digest:
        raise KeyReusedError("Idempotency-Key", {"decision_id": earlier.decision_id})
    return earlier


def _repeated(earlier: Decision) -> Outcome:
    return Outcome(
        earlier.decision_id,
        earlier.submitted_at,
        DecisionStatus(earlier.status),
        {},
        (),
        (),
        None,
        (),
        earlier,
    )


def require_key(key: str | None) -> None:
    """Refuse an idempotency key that could not be stored or compared exactly.

    Raises:
        InvalidKeyError: it is not 1 to 255 printable ASCII characters without spaces.
    """
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidKeyError("Idempotency-Key")


def _count(submission: Submission) -> None:
    count_submit(submission.world, submission.agent_id, submission.account, submission.channel)


def require_may_act(submission: Submission) -> None:
    """Refuse a person who may not act for the agent.

    A run acts for who started it; whoever may no longer start one has none that goes on.

    Raises:
        ActingForAnotherError: the account may not act for the agent.
    """
    account, agent_id = submission.account, submission.agent_id
    if account is None or submission.channel == _RUNNER:
        return
    if not may_act_for(submission.world, account, agent_id):
        raise ActingForAnotherError("agent_id", {"received": agent_id})


def dry_run(submission: Submission, parsed: Parsed) -> Outcome:
    """Judge a decision by the same rules and write nothing down.

    Raises:
        WorldNotFoundError: no such world.
        ActingForAnotherError: the decision names another agent, or the account may not act for it.
        WorldBrokenError: the world's history is known to be broken.
    """
    require_may_act(submission)
    _count(submission)
    head = journal.get_head(submission.world)
    require_sound_history(head)
    intent = intent_of(parsed.decision, submission.agent_id, submission.world)
    judgement = judge(head, intent.action, intent.policy)
    refused = judgement.rejection
    return Outcome(
        None,
        utc_text(utc_now()),
        _status_of(judgement, intent),
        summary_of(parsed.decision),
        (),
        judgement.events,
        None if refused is None else record_of(refused),
        parsed.repairs,
        diagnostics=_remarks_of(judgement, intent),
    )


def keep_malformed(submission: Submission, malformed: Malformed, body: bytes) -> Outcome:
    """Keep input that is no decision with its fault; it never reaches the journal.

    Raises:
        WorldNotFoundError: no such world.
    """
    decision_id, now = new_decision_id(), utc_now()
    _count(submission)
    rejection = RejectionRecord(malformed.code, malformed.field, malformed.facts)
    insert_record(
        NewRecord(
            world_pk=journal.get_head(submission.world).world_pk,
            decision_id=decision_id,
            agent_id=submission.agent_id,
            account=submission.account,
            channel=submission.channel,
            submitted_at=utc_text(now),
            idempotency_key=None,
            body_digest=digest_of(body),
            kind="",
            status=DecisionStatus.MALFORMED,
            arguments="{}",
            repairs=malformed.repairs,
            rejection=rejection,
            raw_reply=submission.raw_reply,
        )
    )
    return Outcome(
        decision_id,
        utc_text(now),
        DecisionStatus.MALFORMED,
        {},
        (),
        (),
        rejection,
        malformed.repairs,
    )
