"""Roles of accounts in worlds. Looking a world up is `callers`' matter."""

from typing import Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from lifecycle.models.worlds import Membership, Role, World

ACTING_ROLES: Final = frozenset({Role.OPERATOR, Role.MAINTAINER})
_MAY_AUDIT: Final = frozenset({Role.AUDITOR, Role.MAINTAINER})

Account = AbstractBaseUser | AnonymousUser


def worlds_for(account: Account) -> "QuerySet[World]":
    """Give the worlds that an account may see; a superuser sees all."""
    if not account.is_authenticated or not isinstance(account, User):
        return World.objects.none()
    if account.is_superuser:
        return World.objects.all()
    return World.objects.filter(memberships__account=account)


def audited_worlds(account: Account) -> "QuerySet[World]":
    """Give the worlds that an account may audit; a superuser may audit all."""
    if not account.is_authenticated or not isinstance(account, User):
        return World.objects.none()
    if account.is_superuser:
        return World.objects.all()
    return World.objects.filter(
        memberships__account=account, memberships__role__in=[role.value for role in _MAY_AUDIT]
    )


def is_auditor(account: Account) -> bool:
    """Say whether an account may audit any world."""
    if isinstance(account, User) and account.is_superuser:
        return True
    return audited_worlds(account).exists()


def may_act(account: Account, world: World) -> bool:
    """Say whether an account may act for the agents of a world."""
    if not account.is_authenticated or not isinstance(account, User):
        return False
    if account.is_superuser:
        return True
    return Membership.objects.filter(
        world=world, account=account, role__in=[role.value for role in ACTING_ROLES]
    ).exists()


def roles_of(account: Account) -> dict[int, Role]:
    """Give the roles of an account, by the keys of the worlds that it is a member of."""
    if not account.is_authenticated or not isinstance(account, User):
        return {}
    rows = Membership.objects.filter(account=account).values_list("world_id", "role")
    return {world_pk: Role(role) for world_pk, role in rows}


def grant(world: World, account: User, role: Role) -> None:
    """Give an account a role in a world, over the one it had."""
    Membership.objects.update_or_create(world=world, account=account, defaults={"role": role.value})
