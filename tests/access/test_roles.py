"""Roles: which worlds an account sees, and in which it may act for agents."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from lifecycle.access.callers import SeenWorld, find_seen_world
from lifecycle.access.roles import grant, may_act, worlds_for
from lifecycle.models.worlds import Membership, Role, World
from lifecycle.usecases.worlds import create_world

pytestmark = pytest.mark.django_db


def person(name: str = "pat", *, superuser: bool = False) -> User:
    """Make an account."""
    return User.objects.create(username=name, is_superuser=superuser)


def worlds() -> tuple[World, World]:
    """Found two worlds."""
    return create_world("demo"), create_world("other")


@pytest.mark.parametrize("role", Role)
def test_a05_a_member_of_any_role_sees_its_worlds_and_no_other(role: Role) -> None:
    demo, _ = worlds()
    account = person()
    grant(demo, account, role)

    assert list(worlds_for(account)) == [demo]
    assert find_seen_world(account, "demo") == SeenWorld(demo.pk, "demo")
    assert find_seen_world(account, "other") is None
    assert find_seen_world(account, "elsewhere") is None


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.AUDITOR, False), (Role.VIEWER, False), (Role.OPERATOR, True), (Role.MAINTAINER, True)],
)
def test_who_is_operator_or_more_may_act_for_agents(role: Role, *, may: bool) -> None:
    demo, other = worlds()
    account = person()
    grant(demo, account, role)

    assert may_act(account, demo) is may
    assert may_act(account, other) is False


def test_who_belongs_to_no_world_sees_none() -> None:
    demo, _ = worlds()

    assert not worlds_for(person()).exists()
    assert not may_act(person("sam"), demo)


def test_nobody_in_particular_sees_nothing() -> None:
    demo, _ = worlds()

    assert not worlds_for(AnonymousUser()).exists()
    assert find_seen_world(AnonymousUser(), "demo") is None
    assert not may_act(AnonymousUser(), demo)


def test_a_superuser_sees_all_and_may_act_everywhere() -> None:
    demo, other = worlds()
    account = person(superuser=True)

    assert list(worlds_for(account)) == [demo, other]
    assert may_act(account, other)


def test_a_role_takes_the_place_of_the_one_before() -> None:
    demo, _ = worlds()
    account = person()
    grant(demo, account, Role.MAINTAINER)

    grant(demo, account, Role.VIEWER)

    assert Membership.objects.get().role == Role.VIEWER
    assert not may_act(account, demo)
