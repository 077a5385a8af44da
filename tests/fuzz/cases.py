"""What a fuzzed answer is, and what was promised of it. Nothing here makes or judges one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lifecycle.protocol.schema import MODELS, Decision


class Promise(NamedTuple):
    """What must become of an answer in one way of reading it.

    Attributes:
        may: The decisions of which one may be accepted; `None` where any may.
        must: Whether one of them has to be.
    """

    may: tuple[Decision, ...] | None
    must: bool = False


REFUSED = Promise(())
ANYTHING = Promise(None)


def at_most(*decisions: Decision) -> Promise:
    """Refused, or one of these."""
    return Promise(decisions)


def exactly(decision: Decision) -> Promise:
    """Accepted, and this."""
    return Promise((decision,), must=True)


class Case(NamedTuple):
    """One answer to parse.

    Attributes:
        kind: What was done to it; a line of the table.
        body: What is parsed.
        as_body: The promise where it is read as JSON alone.
        as_reply: The promise where it is read as a model's raw reply.
        agent_id: The agent that its arguments name; they are refused where they may name none.
    """

    kind: str
    body: bytes
    as_body: Promise
    as_reply: Promise
    agent_id: str | None = None


class Answer(NamedTuple):
    """A whole answer as a model gives it, that holds one decision and is accepted.

    Attributes:
        before: The text before the JSON that holds the decision.
        json: That JSON.
        after: The text after it.
        decision: The decision.
        sent: Its arguments as they stand in it.
        forgets: Whether it says that all before it was thinking.
    """

    before: str
    json: str
    after: str
    decision: Decision
    sent: Mapping[str, Any]
    forgets: bool = False

    @property
    def text(self) -> str:
        return self.before + self.json + self.after

    @property
    def is_body(self) -> bool:
        return not self.before.strip("\ufeff \t\r\n") and not self.after.strip(" \t\r\n")

    @property
    def as_body(self) -> Promise:
        return exactly(self.decision) if self.is_body else REFUSED


def decision_of(arguments: Mapping[str, Any]) -> Decision:
    """Give the decision of arguments that are in their one normal spelling."""
    return MODELS[arguments["decision"]].model_validate(dict(arguments))


def whole(kind: str, answer: Answer) -> Case:
    """Promise that an answer is accepted wherever it may be."""
    return Case(kind, answer.text.encode(), answer.as_body, exactly(answer.decision))


def refused(kind: str, body: bytes | str) -> Case:
    """Promise that an answer is refused however it is read."""
    encoded = body if isinstance(body, bytes) else body.encode()
    return Case(kind, encoded, REFUSED, REFUSED)


def free(kind: str, body: bytes) -> Case:
    """Promise no more than of every answer."""
    return Case(kind, body, ANYTHING, ANYTHING)
