"""Who a request comes from, an agent or an account, and which worlds that one sees.

Every look-up of a world by a face starts here; what is foreign is as absent as what is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, TypeAlias

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from lifecycle.access.roles import audited_worlds, may_act, worlds_for
from lifecycle.core.ids import AgentId
from lifecycle.journal.errors import WorldNotFoundError
from lifecycle.models.worlds import Membership, Role, World


class SeenWorld(NamedTuple):
    """A world that the caller may see."""

    pk: int
    slug: str


@dataclass(frozen=True, slots=True)
class AgentCaller:
    """An agent that sent its token. It sees its own world and acts as itself there."""

    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    world: SeenWorld
    agent_id: AgentId


Caller: TypeAlias = AgentCaller | User | AnonymousUser

_MAY_MAINTAIN: Final = Role.MAINTAINER
# Django's own permission to add a world, which a superuser gives an account in the admin.
_FOUNDING: Final = "lifecycle.add_world"


def _worlds_of(caller: Caller) -> "QuerySet[World]":
    if isinstance(caller, AgentCaller):
        return World.objects.filter(pk=caller.world.pk)
    return worlds_for(caller)


def find_seen_world(caller: Caller, slug: str) -> SeenWorld | None:
    """Give a world that a caller may see; unknown and foreign ones are alike `None`."""
    if isinstance(caller, AgentCaller):
        return caller.world if caller.world.slug == slug else None
    row = worlds_for(caller).filter(slug=slug).values_list("pk", "slug").first()
    return None if row is None else SeenWorld(*row)


def get_any_world(slug: str) -> SeenWorld:
    """Give a world to who runs the service's commands and so sees every one.

    Raises:
        WorldNotFoundError: no such world.
    """
    row = World.objects.filter(slug=slug).values_list("pk", "slug").first()
    if row is None:
        raise WorldNotFoundError(slug)
    return SeenWorld(*row)


def seen_worlds(caller: Caller) -> Iterable[SeenWorld]:
    """Give every world that a caller may see, in the order of their slugs."""
    rows = _worlds_of(caller).order_by("slug").distinct().values_list("pk", "slug")
    return [SeenWorld(*row) for row in rows]


def may_submit(caller: Caller, world: SeenWorld) -> bool:
    """Say whether a caller may submit decisions in a world: agents, and operators or more."""
    if isinstance(caller, AgentCaller):
        return caller.world == world
    return may_act(caller, World(pk=world.pk))


def may_maintain(caller: Caller, world: SeenWorld) -> bool:
    """Say whether a caller may add agents and places to a world."""
    if isinstance(caller, AgentCaller) or not isinstance(caller, User):
        return False
    if caller.is_superuser:
        return True
    return Membership.objects.filter(
        world_id=world.pk, account=caller, role=_MAY_MAINTAIN.value
    ).exists()


def may_audit(caller: Caller, world: SeenWorld) -> bool:
    """Say whether a caller may have a world checked and signed: auditors and maintainers."""
    if isinstance(caller, AgentCaller):
        return False
    return audited_worlds(caller).filter(pk=world.pk).exists()


def may_found_worlds(caller: Caller) -> bool:
    """Say whether a caller may found worlds: superusers, who was permitted, or all accounts."""
    if not isinstance(caller, User):
        return False
    return settings.ENVIRONMENT.accounts_found_worlds or caller.has_perm(_FOUNDING)


def account_of(caller: Caller) -> str | None:
    """Give the name of the account behind a caller; an agent's token has none."""
    return caller.get_username() if isinstance(caller, User) else None
