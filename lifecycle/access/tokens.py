"""Agents' bearer tokens: made once, shown once, kept as a keyed digest."""

import secrets
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

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
    SELECT w.id, w.slug, t.agent_id, t.id, substr(CAST(t.last_used_at AS TEXT), 1, 13)
    FROM lifecycle_agenttoken t JOIN lifecycle_world w ON w.id = t.world_id
    WHERE t.digest = %s AND t.revoked_at IS NULL
    AND (t.ends_at IS NULL OR t.ends_at > CURRENT_TIMESTAMP)
""")


class TokenHolder(NamedTuple):
    """The agent that a token speaks for, and its world.

    `used_in` is the hour of its last use that is on record, as ``2026-01-31 12``.
    """

    world_pk: int
    world_slug: str
    agent_id: AgentId
    token_pk: int
    used_in: str | None


def issue_token(
    world: World, agent_id: AgentId, *, now: datetime, by: str | None = None
) -> tuple[AgentToken, str]:
    """Make a token for an agent and give it in clear, the only time that it can be seen."""
    token = _MARK + secrets.token_urlsafe(32)
    row = AgentToken.objects.create(
        world=world,
        agent_id=agent_id,
        prefix=token[:_PREFIX_LENGTH],
        digest=keyed_digest(_SALT, token),
        created_at=now,
        issued_by=by,
    )
    return row, token


def find_holder(token: str) -> TokenHolder | None:
    """Give whom a token speaks for, or `None` where it is unknown or revoked."""
    if not token.startswith(_MARK) or len(token) > _LONGEST or not token.isascii():
        return None
    for digest in possible_digests(_SALT, token):
        row = _HOLDER.first([digest])
        if row is not None:
            return TokenHolder(*row)
    return None


def live_tokens(world_pk: int, agent_id: str, *, now: datetime) -> "QuerySet[AgentToken]":
    """Give an agent's tokens that speak for it now."""
    ends_later = Q(ends_at=None) | Q(ends_at__gt=now)
    rows = AgentToken.objects.filter(world_id=world_pk, agent_id=agent_id, revoked_at=None)
    return rows.filter(ends_later)


def note_use(holder: TokenHolder, *, now: datetime) -> None:
    """Write down that a token was used: once an hour, so that requests cost no write."""
    if holder.used_in != f"{now:%Y-%m-%d %H}":
        AgentToken.objects.filter(pk=holder.token_pk).update(last_used_at=now)
