"""The tokens of a world's agents, by their first characters. Nothing here helps to use one."""

from lifecycle.access.callers import SeenWorld
from lifecycle.access.tokens import live_tokens
from lifecycle.models.worlds import AgentToken
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.queries.documents import Document

_MOST_ENDED = 20


def tokens_of(world: SeenWorld, agent_id: str) -> list[Document]:
    """Give an agent's tokens: those that are valid, then the newest that have ended."""
    now = utc_now()
    live = live_tokens(world.pk, agent_id, now=now).order_by("-id")
    ended = AgentToken.objects.filter(world_id=world.pk, agent_id=agent_id).exclude(
        pk__in=live.values("pk")
    )
    return [
        *(token_document(row, is_valid=True) for row in live),
        *(token_document(row, is_valid=False) for row in ended.order_by("-id")[:_MOST_ENDED]),
    ]


def live_counts(world: SeenWorld, agents: list[str]) -> dict[str, int]:
    """Count the valid tokens of some agents."""
    return {agent: live_tokens(world.pk, agent, now=utc_now()).count() for agent in agents}


def token_document(row: AgentToken, *, is_valid: bool) -> Document:
    """Give a token without what it would take to use it."""
    ends_at = row.revoked_at or row.ends_at
    return {
        "token_id": row.pk,
        "prefix": row.prefix,
        "valid": is_valid,
        "created_at": utc_text(row.created_at),
        "issued_by": row.issued_by,
        "last_used_at": None if row.last_used_at is None else utc_text(row.last_used_at),
        "ends_at": None if ends_at is None else utc_text(ends_at),
    }
