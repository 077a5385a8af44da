"""One turn: ask the model, answer its queries, submit its one decision, or say why there is none.

A turn is bounded in calls, queries, repairs, time and tokens. How its row and its lease are kept is
the runner's matter.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from django.conf import settings

from lifecycle.agents.briefing import cut_lines, prompt_of
from lifecycle.agents.dialects import (
    Said,
    call_messages,
    query_arguments,
    read_reply,
    request_fields,
    text_messages,
)
from lifecycle.agents.diary import Diary
from lifecycle.agents.model_client import ModelCall, ask
from lifecycle.agents.replies import ModelFault, ModelReply
from lifecycle.agents.templates import load_templates
from lifecycle.core.events import RejectionRecord
from lifecycle.core.values import JsonObject
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.names import TOOL_NAME
from lifecycle.protocol.parser import Parsed
from lifecycle.protocol.prompt import PromptTooLarge, repair_message, write_query_answer
from lifecycle.protocol.prompt_budget import estimate_tokens
from lifecycle.protocol.prompt_templates import Dialect
from lifecycle.protocol.queries import Query
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import KeyReusedError, UseCaseError, WorldBrokenError
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.runs import LOST, TurnLease, note_progress, note_prompt
from lifecycle.usecases.submit import submit
from lifecycle.usecases.tools import answer_query
from lifecycle.usecases.turns import (
    NoDecision,
    Recent,
    Recorded,
    decision_digest,
    keep_prompt,
    recent_decisions,
    record_no_decision,
    submission_of,
)

_LOOK_BACK: Final = 8
_LEAST_ANSWER_TOKENS: Final = 1024
# Faults that say nothing against the model's server: it answered, or the call was broken off here.
_NOT_THE_SERVERS: Final = frozenset({"model_refused", LOST})


class Ended(NamedTuple):
    """How a turn ended.

    Attributes:
        recorded: The decision record that it ended in.
        outcome: The decision's status, or the code of why there is none.
        answered: Whether the model gave an answer that could be judged.
    """

    recorded: Recorded
    outcome: str
    answered: bool


class Turn:
    """A turn that is being taken.

    Args:
        lease: The turn.
        hold: Called twice a second while the model is waited for; `False` ends the turn.
    """

    def __init__(self, lease: TurnLease, hold: Callable[[], bool]) -> None:
        self._lease = lease
        self._hold = hold
        self._dialect = Dialect(lease.dialect)
        self._limits = settings.ENVIRONMENT
        self._ends_at_s = time.monotonic() + self._limits.turn_seconds
        self._queries_left: int = self._limits.turn_queries
        self._repairs_left: int = self._limits.turn_repairs
        self._asked: set[str] = set()
        self._sent_back = False
        self._prompt_digest: str | None = None
        self._messages: list[dict[str, Any]] = []
        self._diary = Diary()
        self._recent: list[Recent] = []

    def take(self) -> Ended:
        """Take the turn to its end."""
        self._recent = recent_decisions(self._lease.owner, _LOOK_BACK)
        prompt = prompt_of(self._lease, self._recent)
        if isinstance(prompt, PromptTooLarge):
            return self._no_decision(Malformed(prompt.code, None, prompt.facts()), answered=False)
        self._messages = [{"role": one.role, "content": one.content} for one in prompt.messages]
        self._prompt_digest = keep_prompt(prompt.encoded())
        note_prompt(self._lease, self._prompt_digest, prompt.tokens_estimated, cut_lines(prompt))
        for step in range(1, self._limits.turn_steps + 1):
            ended = self._step(step)
            if ended is not None:
                return ended
        return self._limit_reached("steps", self._limits.turn_steps)

    def _step(self, step: int) -> Ended | None:
        """Ask once and act on the answer; `None` where the turn goes on."""
        seconds = self._ends_at_s - time.monotonic()
        if seconds <= 0:
            return self._limit_reached("seconds", self._limits.turn_seconds)
        reply = ask(self._call(step, seconds), self._hold)
        if isinstance(reply, ModelFault):
            self._diary.note_fault(reply)
            fault = Malformed(reply.code, None, reply.facts)
            return self._no_decision(fault, answered=reply.code in _NOT_THE_SERVERS)
        said = read_reply(reply)
        self._diary.note_reply(reply, said, estimate_tokens(json.dumps(self._messages)))
        # Before anything is submitted: if this process dies then, its model's answer is not lost.
        note_progress(self._lease, self._diary.progress())
        ended = self._act(step, reply, said)
        if ended is None and self._diary.tokens >= self._limits.turn_tokens:
            return self._limit_reached("tokens", self._limits.turn_tokens)
        return ended

    def _call(self, step: int, seconds: float) -> ModelCall:
        only_decide = self._queries_left == 0 or step == self._limits.turn_steps
        answer_tokens = self._limits.turn_answer_tokens
        fields = request_fields(
            self._dialect,
            strict=self._lease.strict,
            only_decide=only_decide,
            answer_tokens=answer_tokens,
        )
        body = {"model": self._lease.model, "messages": self._messages, **fields}
        return ModelCall(self._lease.base_url, body, answer_tokens, seconds)

    def _act(self, step: int, reply: ModelReply, said: list[Said]) -> Ended | None:
        fault = _fault_in(said)
        if fault is None and len(said) == 1 and isinstance(said[0].answer, Parsed):
            ended, fault = self._decide(said[0].answer)
            if ended is not None:
                return ended
        elif fault is not None:
            self._repairs_left -= 1
        if fault is not None:
            self._diary.note_told(fault)
            if self._repairs_left < 0:
                return self._no_decision(fault, answered=True)
        self._go_on(step, reply, said, fault)
        return None

    def _decide(self, parsed: Parsed) -> tuple[Ended | None, Malformed | None]:
        """Submit a decision, or say why it goes back to the model."""
        last = self._recent[0] if self._recent else None
        unchanged = (
            last is not None and last.refused and last.body_digest == decision_digest(parsed)
        )
        if unchanged and not self._sent_back:
            self._sent_back = True
            return None, Malformed("decision_repeated")
        raw = self._diary.last_raw or ""
        submission = submission_of(self._lease.owner, self._lease.number, raw, self._prompt_digest)
        try:
            outcome = submit(submission, parsed)
        except KeyReusedError:
            # The turn was taken for lost, and has its record.
            return self._no_decision(Malformed(LOST), answered=True), None
        except WorldBrokenError as error:
            # No other answer of the model would be taken either.
            closed = Malformed(error.code, error.field, error.facts)
            return self._no_decision(closed, answered=True), None
        except UseCaseError as error:
            self._repairs_left -= 1
            return None, Malformed(error.code, error.field, error.facts)
        recorded = Recorded(outcome.decision_id or "", outcome.status.value)
        return Ended(recorded, outcome.status.value, answered=True), None

    def _go_on(
        self, step: int, reply: ModelReply, said: list[Said], fault: Malformed | None
    ) -> None:
        """Tell the model what became of its answer."""
        results = [self._result(one, fault) for one in said]
        if said[0].is_call:
            self._messages += call_messages(reply.calls, said, results, step)
        else:
            self._messages += text_messages(said[0], results[0])

    def _result(self, said: Said, fault: Malformed | None) -> str:
        match said.answer:
            case Query() as query:
                return self._answer(query)
            case Malformed() as own:
                return self._repair(own)
            case Parsed():
                if fault is not None:
                    return _sentence(fault)
                self._diary.note_told(Malformed("decision_with_queries"))
                return _sentence(Malformed("decision_with_queries"))

    def _repair(self, fault: Malformed) -> str:
        return repair_message(load_templates(), fault).content

    def _answer(self, query: Query) -> str:
        """Answer a query, once, and while the turn has queries left."""
        asked = json.dumps([query.tool_name, query_arguments(query)], sort_keys=True)
        if asked in self._asked:
            return _sentence(Malformed("query_repeated"))
        if self._queries_left == 0:
            self._diary.note_told(Malformed("queries_used_up"))
            return _sentence(Malformed("queries_used_up"))
        self._asked.add(asked)
        self._queries_left -= 1
        room = max(_LEAST_ANSWER_TOKENS, self._limits.prompt_tokens // 4)
        answered = (query.tool_name, self._document(query))
        written = write_query_answer(load_templates(), self._dialect, answered, room)
        if isinstance(written, PromptTooLarge):
            return self._repair(Malformed(written.code, None, written.facts()))
        return written.content

    def _document(self, query: Query) -> Document:
        try:
            return answer_query(self._lease.owner.world, self._lease.owner.agent_id, query)
        except UseCaseError as error:
            record = RejectionRecord(error.code, error.field, error.facts)
            return {"rejection": rejection_document(record)}

    def _limit_reached(self, limit: str, maximum: int) -> Ended:
        facts: JsonObject = {"limit": limit, "maximum": maximum}
        return self._no_decision(Malformed("turn_limit_reached", None, facts), answered=True)

    def _no_decision(self, fault: Malformed, *, answered: bool) -> Ended:
        note_progress(self._lease, self._diary.progress())
        none = NoDecision(fault.code, fault.field, fault.facts, self._diary.last_raw, fault.repairs)
        owner, number = self._lease.owner, self._lease.number
        recorded = record_no_decision(owner, number, none, self._prompt_digest)
        return Ended(recorded, fault.code, answered)


def _sentence(fault: Malformed) -> str:
    wording = describe(fault.code, fault.field, fault.facts)
    return f"{wording.message} {wording.hint}"


def _fault_in(said: Sequence[Said]) -> Malformed | None:
    """Say why nothing of a reply may be carried out, although some of it might be."""
    decisions = sum(one.tool_name == TOOL_NAME for one in said)
    if decisions > 1:
        return Malformed("too_many_decisions", None, {"seen": decisions})
    faults = (one.answer for one in said if isinstance(one.answer, Malformed))
    return next(faults, None)
