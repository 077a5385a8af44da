"""Tokens of agents: made, replaced, revoked; and let in, where a face is shown one.

Who may change them is asked by the faces; how they are kept is `access`' matter.
"""

import logging
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import DatabaseError, transaction

from lifecycle.access.callers import SeenWorld, get_any_world
from lifecycle.access.tokens import TokenHolder, find_holder, issue_token, live_tokens, note_use
from lifecycle.core.ids import AgentId, is_id
from lifecycle.core.rejections import AgentNotFound
from lifecycle.journal import store as journal
from lifecycle.models.projections import Agent
from lifecycle.models.teams import Subject
from lifecycle.models.worlds import AgentToken, World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError, RefusedError
from lifecycle.usecases.rates import count_unknown_token

MOST_HOURS: Final = 168
_HOURS_RULE: Final = f"a whole number from 0 to {MOST_HOURS}"
_BY_COMMAND: Final = By(None, "command")
_log = logging.getLogger(__name__)


class Issued(NamedTuple):
    """A new token, which is shown this once, and the row that is kept of it."""

    row: AgentToken
    token: str


def add_token(world: SeenWorld, agent_id: str, by: By) -> Issued:
    """Give an agent one more token.

    Raises:
        RefusedError: the world has no such agent.
    """
    with transaction.atomic():
        _require_agent(world, agent_id)
        return _issue(world, agent_id, by)


def replace_tokens(world: SeenWorld, agent_id: str, by: By, *, hours: str = "0") -> Issued:
    """Give an agent a new token; its others end now, or some hours later.

    Raises:
        RefusedError: the world has no such agent.
        InvalidParameterError: the hours are not what they must be.
    """
    overlap = timedelta(hours=_hours_in(hours))
    with transaction.atomic():
        # The world's lock: of two that replace at once, one token is left, and not none.
        journal.lock_head(world.slug)
        _require_agent(world, agent_id)
        earlier = list(live_tokens(world.pk, agent_id, now=utc_now()))
        issued = _issue(world, agent_id, by)
        for row in earlier:
            if overlap:
                _let_end(world, row, utc_now() + overlap, by)
            else:
                _revoke(world, row, by)
        return issued


def replace_token(slug: str, agent_id: str) -> str:
    """Revoke an agent's tokens, as an operator, and give a new one.

    Raises:
        WorldNotFoundError: no such world.
        RefusedError: no such agent.
    """
    return replace_tokens(get_any_world(slug), agent_id, _BY_COMMAND).token


def revoke_token(world: SeenWorld, agent_id: str, token_pk: int, by: By) -> None:
    """End a token now; one that has ended stays as it is.

    Raises:
        NotFoundError: the agent has no such token.
    """
    with transaction.atomic():
        rows = AgentToken.objects.filter(world_id=world.pk, agent_id=agent_id, pk=token_pk)
        row = rows.first()
        if row is None:
            raise NotFoundError("token", {})
        if row.revoked_at is None:
            _revoke(world, row, by)


def admit(token: str, address: str) -> TokenHolder | None:
    """Give whom a token speaks for, and note that it was used; `None` where nobody.

    A valid token is let in whatever others tried from the same address.

    Raises:
        RateLimitedError: too many came from this address that speak for nobody.
    """
    holder = find_holder(token)
    if holder is None:
        count_unknown_token(address)
        return None
    try:
        note_use(holder, now=utc_now())
    except DatabaseError:
        # A store that is full or busy still reads.
        _log.warning("the use of a token could not be noted")
    return holder


def _require_agent(world: SeenWorld, agent_id: str) -> None:
    agents = Agent.objects.filter(world_id=world.pk, agent_id=agent_id)
    if not is_id(agent_id) or not agents.exists():
        raise RefusedError(AgentNotFound("agent_id", AgentId(shown(agent_id))))


def _issue(world: SeenWorld, agent_id: str, by: By) -> Issued:
    owner = World.objects.get(pk=world.pk)
    row, token = issue_token(owner, AgentId(agent_id), now=utc_now(), by=by.account)
    note_change(world.pk, Change(Subject.TOKEN, _name_of(row), None, "made"), by)
    return Issued(row, token)


def _let_end(world: SeenWorld, row: AgentToken, ends_at: datetime, by: By) -> None:
    if row.ends_at is not None and row.ends_at <= ends_at:
        return
    row.ends_at = ends_at
    row.save(update_fields=["ends_at"])
    after = f"ends {ends_at:%Y-%m-%d %H:%M:%S} UTC"
    note_change(world.pk, Change(Subject.TOKEN, _name_of(row), "valid", after), by)


def _revoke(world: SeenWorld, row: AgentToken, by: By) -> None:
    row.revoked_at = utc_now()
    row.save(update_fields=["revoked_at"])
    note_change(world.pk, Change(Subject.TOKEN, _name_of(row), "valid", "revoked"), by)


def _name_of(row: AgentToken) -> str:
    return f"{row.prefix}… of {row.agent_id}"


def _hours_in(text: str) -> int:
    digits = text.strip()
    sound = digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST_HOURS))
    if not sound or int(digits) > MOST_HOURS:
        raise InvalidParameterError("hours", {"received": shown(text), "accepted": _HOURS_RULE})
    return int(digits)
