"""Who a decision names as publisher or installer: the grammar, and whom it means.

Whether that agent exists, or may be acted for, is not judged here.
"""

from typing import Final

from lifecycle.core.ids import ID_RULE, AgentId, is_id
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.shown import shown

SELF: Final = "self"
OWNER_RULE: Final = "self, or agent:<id>"
_AGENT_PREFIX: Final = "agent:"
_LOCATION_PREFIX: Final = "location:"


class OwnerFormatError(ValueError):
    """A text names no agent; `reason` says why, without the text."""

    def __init__(self, reason: str) -> None:
        """Keep the reason: a short phrase."""
        super().__init__(reason)
        self.reason = reason


def normalise_owner(text: str) -> str:
    """Give the one spelling of an owner: ``self`` or ``agent:<id>``.

    Accepts outer white space, and ``self`` in upper or lower case.

    Raises:
        OwnerFormatError: anything else, with the reason.
    """
    bare = text.strip()
    if bare.lower() == SELF:
        return SELF
    if bare.startswith(_LOCATION_PREFIX):
        reason = "a location cannot own an artifact or a module"
        raise OwnerFormatError(reason)
    if not bare.startswith(_AGENT_PREFIX):
        reason = "it is neither self nor agent:<id>"
        raise OwnerFormatError(reason)
    if not is_id(bare.removeprefix(_AGENT_PREFIX)):
        reason = f"the id after agent: must be {ID_RULE}"
        raise OwnerFormatError(reason)
    return bare


def owner_of(text: str, *, acting: AgentId, field: str = "publisher") -> AgentId | Malformed:
    """Give the agent that a publisher or installer text means.

    Args:
        text: ``self`` or ``agent:<id>``.
        acting: The agent that ``self`` means.
        field: The field that held the text, for the fault.
    """
    try:
        owner = normalise_owner(text)
    except OwnerFormatError as error:
        facts = {"received": shown(text), "reason": error.reason, "accepted": OWNER_RULE}
        return Malformed("invalid_owner", field, facts)
    return acting if owner == SELF else AgentId(owner.removeprefix(_AGENT_PREFIX))
