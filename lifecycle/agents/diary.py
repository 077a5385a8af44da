"""What a turn keeps of its calls: one object a call, within a bound, and what they cost.

What is done with an answer is not decided here.
"""

from collections.abc import Sequence
from typing import Any, Final

from lifecycle.agents.dialects import Said, query_arguments, raw_text
from lifecycle.agents.replies import Cost, ModelFault, ModelReply
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.prompt_budget import estimate_tokens
from lifecycle.protocol.queries import Query
from lifecycle.protocol.wording import describe
from lifecycle.usecases.runs import Progress

LONGEST_RAW_BYTES: Final = 64 * 1024


class Diary:
    """The steps of one turn."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._steps: list[dict[str, Any]] = []
        self._room_bytes = LONGEST_RAW_BYTES
        self._tokens_in = self._tokens_out = self._latency_ms = 0

    def note_reply(self, reply: ModelReply, said: Sequence[Said], asked_tokens: int) -> None:
        """Keep what a model said and how it was understood.

        Args:
            reply: What it said.
            said: How that was understood.
            asked_tokens: An estimate of what it was asked, for servers that do not count.
        """
        raw = raw_text(reply)
        told = reply.cost
        counted = (
            asked_tokens if told.tokens_in is None else told.tokens_in,
            estimate_tokens(raw) if told.tokens_out is None else told.tokens_out,
        )
        self._tokens_in += counted[0]
        self._tokens_out += counted[1]
        queries = [one.answer for one in said if isinstance(one.answer, Query)]
        self._add("answer", raw, told)
        self._steps[-1] |= {
            "finish_reason": reply.finish_reason,
            "tools": [one.tool_name for one in said],
            "queries": [
                {"tool": query.tool_name, "arguments": query_arguments(query)} for query in queries
            ],
        }

    def note_fault(self, fault: ModelFault) -> None:
        """Keep that a model gave no answer, and why."""
        self._tokens_in += fault.cost.tokens_in or 0
        self._tokens_out += fault.cost.tokens_out or 0
        self._add("no_answer", fault.said, fault.cost)
        self.note_told(Malformed(fault.code, None, fault.facts))

    def note_told(self, fault: Malformed) -> None:
        """Keep why the last answer was not carried out."""
        wording = describe(fault.code, fault.field, fault.facts)
        self._steps[-1]["fault"] = {
            "code": fault.code,
            "field": fault.field,
            "message": wording.message,
            "hint": wording.hint,
        }

    def _add(self, kind: str, raw: str, cost: Cost) -> None:
        kept = raw.encode(errors="replace")[: self._room_bytes].decode(errors="ignore")
        self._room_bytes -= len(kept.encode())
        self._latency_ms += cost.latency_ms
        self._steps.append(
            {
                "kind": kind,
                "answer": kept.replace("\0", "\N{REPLACEMENT CHARACTER}"),
                "answer_cut": len(kept) < len(raw),
                "finish_reason": None,
                "usage": {"tokens_in": cost.tokens_in, "tokens_out": cost.tokens_out},
                "latency_ms": cost.latency_ms,
                "tries": cost.tries,
                "tools": [],
                "queries": [],
                "fault": None,
            }
        )

    @property
    def tokens(self) -> int:
        """Tokens asked and answered so far, estimated where the server does not tell."""
        return self._tokens_in + self._tokens_out

    @property
    def last_raw(self) -> str | None:
        """What the model said last, where it said something."""
        said = self._steps[-1]["answer"] if self._steps else ""
        return said or None

    def progress(self) -> Progress:
        """Give all of it, to be written down."""
        return Progress(tuple(self._steps), self._tokens_in, self._tokens_out, self._latency_ms)
