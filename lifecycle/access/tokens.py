"""Agents' bearer tokens: made once, shown once, kept as a keyed digest."""

import secrets
from datetime import datetime
from typing import Final, NamedTuple

from lifecycle.access.digests import keyed_digest, possible_digests
from lifecycle.core.ids import AgentId
from lifecycle.journal.statements import Statement
from lifecycle.models.worlds import AgentToken, World

_MARK: Final = "wst_"
_PREFIX_LENGTH: Final = 12
_LONGEST: Final = 200
_SALT: Final = "lifecycle.access.tokens"
# By hand, since every request of an agent begins with it (docs/adr/0005).
_HOLDER: Final = Statement("""
    SELECT w.id, w.slug, t.agent_id
    FROM lifecycle_agenttoken t JOIN lifecycle_world w ON w.id = t.world_id
    WHERE t.digest = %s AND t.revoked_at IS NULL
""")


class TokenHolder(NamedTuple):
    """The agent that a token speaks for, and its world."""

    world_pk: int
    world_slug: str
    agent_id: AgentId


def issue_token(world: World, agent_id: AgentId, *, now: datetime) -> str:
    """Make a token for an agent and give it in clear, the only time that it can be seen."""
    token = _MARK + secrets.token_urlsafe(32)
    AgentToken.objects.create(
        world=world,
        agent_id=agent_id,
        prefix=token[:_PREFIX_LENGTH],
        digest=keyed_digest(_SALT, token),
        created_at=now,
    )
    return token


def find_holder(token: str) -> TokenHolder | None:
    """Give whom a token speaks for, or `None` where it is unknown or revoked."""
    if not token.startswith(_MARK) or len(token) > _LONGEST or not token.isascii():
        return None
    for digest in possible_digests(_SALT, token):
        row = _HOLDER.first([digest])
        if row is not None:
            return TokenHolder(*row)
    return None


def revoke_tokens(world: World, agent_id: AgentId, *, now: datetime) -> int:
    """Revoke all of an agent's tokens and say how many there were."""
    live = AgentToken.objects.filter(world=world, agent_id=agent_id, revoked_at=None)
    return live.update(revoked_at=now)
