"""For which agents of a world an account may act. Seeing the world is `callers`' matter."""

import json
from collections.abc import Iterable

from django.contrib.auth.models import User

from lifecycle.access.callers import AgentCaller, Caller, SeenWorld
from lifecycle.access.roles import ACTING_ROLES
from lifecycle.models.worlds import Membership, Role


def may_act_for(slug: str, account: str, agent_id: str) -> bool:
    """Say whether an account, by its name, may act for an agent of a world."""
    member = (
        Membership.objects.filter(
            world__slug=slug, account__username=account, account__is_active=True
        )
        .values_list("role", "acts_for")
        .first()
    )
    if member is not None and member[0] in ACTING_ROLES:
        allowed = agents_in(member[1])
        if allowed is None or agent_id in allowed:
            return True
    return User.objects.filter(username=account, is_active=True, is_superuser=True).exists()


def acts_for(caller: Caller, world: SeenWorld) -> list[str] | None:
    """Give the agents that an operator is limited to in a world; `None` where nobody is."""
    if isinstance(caller, AgentCaller) or not isinstance(caller, User) or caller.is_superuser:
        return None
    rows = Membership.objects.filter(world_id=world.pk, account=caller, role=Role.OPERATOR.value)
    return agents_in(rows.values_list("acts_for", flat=True).first())


def agents_in(stored: str | None) -> list[str] | None:
    """Read a limit as it is stored: the agents, or `None` for all."""
    if stored is None:
        return None
    agents: list[str] = json.loads(stored)
    return agents


def stored_agents(agents: Iterable[str]) -> str:
    """Write a limit as it is stored."""
    return json.dumps(sorted(set(agents)))
