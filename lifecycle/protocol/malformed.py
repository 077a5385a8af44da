"""The value that says why input is no decision. Wording lives in `wording`, rules in `core`."""

from typing import TypeAlias

import msgspec

from lifecycle.core.values import JsonObject, Value

Repairs: TypeAlias = tuple[str, ...]


class Malformed(Value):
    """Input that never reaches the rules.

    Attributes:
        code: A stable code.
        field: The dotted path of the field at fault, where one is.
        facts: JSON-able; texts of the sender are shortened and printable.
        repairs: What was mended before the fault was met: each a code, a colon and a phrase.
        agent_id: The agent that the body named, where it may and was read that far.
    """

    code: str
    field: str | None = None
    facts: JsonObject = msgspec.field(default_factory=dict)
    repairs: Repairs = ()
    agent_id: str | None = None


class MalformedError(Exception):
    """Carries a `Malformed` up to the parser's entry; it never leaves this room."""

    def __init__(
        self, code: str, field: str | None = None, facts: JsonObject | None = None
    ) -> None:
        """Make the value to carry."""
        super().__init__(code)
        self.malformed = Malformed(code, field, facts if facts is not None else {})
