"""Members of a world: who founds it becomes one, roles change, members leave.

Who may do so is asked by the faces; that a world keeps a maintainer is settled here.
"""

from typing import Final, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from lifecycle.access.acting import agents_in, stored_agents
from lifecycle.access.callers import SeenWorld
from lifecycle.access.roles import grant
from lifecycle.core.ids import is_id
from lifecycle.models.projections import Agent
from lifecycle.models.runs import AgentRun, RunState
from lifecycle.models.teams import Invitation, Subject
from lifecycle.models.worlds import Membership, Role, World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import (
    InvalidParameterError,
    LastMaintainerError,
    NotFoundError,
    TooManyWorldsError,
)
from lifecycle.usecases.runs import stop_run
from lifecycle.usecases.worlds import create_world


class RoleTold(NamedTuple):
    """A role with its name and what it allows, in words."""

    value: str
    label: str
    allows: str


ROLES: Final = (
    RoleTold("viewer", "Viewer", "reads everything"),
    RoleTold("operator", "Operator", "submits decisions for agents"),
    RoleTold("maintainer", "Maintainer", "also changes the team, agents, tokens and settings"),
    RoleTold("auditor", "Auditor", "reads everything, to prove the past"),
)


def role_of(text: str) -> Role:
    """Read a role.

    Raises:
        InvalidParameterError: there is none of this name.
    """
    if text not in Role.values:
        facts = {"received": shown(text), "accepted": ", ".join(Role.values)}
        raise InvalidParameterError("role", facts)
    return Role(text)


def found_world(slug: str, founder: User, *, channel: str) -> World:
    """Found a world for an account, which becomes its maintainer.

    Raises:
        MalformedIdError: the slug is no id, or too long for an address.
        WorldExistsError: there is a world with this slug.
        TooManyWorldsError: the account has founded as many as it may.
    """
    name = founder.get_username()
    with transaction.atomic():
        _require_room(founder)
        world = create_world(slug, account=name, channel=channel)
        World.objects.filter(pk=world.pk).update(founded_by=name)
        grant(world, founder, Role.MAINTAINER)
        change = Change(Subject.MEMBER, name, None, Role.MAINTAINER.value)
        note_change(world.pk, change, By(name, channel))
    return world


def _require_room(founder: User) -> None:
    """Refuse an account that has founded as many worlds as it may; of two at once, one waits.

    Raises:
        TooManyWorldsError: it has.
    """
    most = settings.ENVIRONMENT.worlds_of_account
    if not most:
        return
    User.objects.select_for_update().get(pk=founder.pk)
    name = founder.get_username()
    if World.objects.filter(founded_by=name).count() >= most:
        raise TooManyWorldsError(None, {"account": name, "maximum": most})


def change_role(world: SeenWorld, name: str, role: Role, by: By) -> None:
    """Give a member another role.

    Raises:
        NotFoundError: the world has no such member.
        LastMaintainerError: the world would be left without a maintainer.
    """
    with transaction.atomic():
        member = _locked_member(world, name)
        before = member.role
        if before == role:
            return
        _require_another_maintainer(world, member)
        member.role = role.value
        if role is not Role.OPERATOR:
            # Only operators are limited; who becomes one again is limited anew.
            member.acts_for = None
        member.save(update_fields=["role", "acts_for"])
        note_change(world.pk, Change(Subject.MEMBER, name, before, role.value), by)
        _revoke_invitations_of(world, member.account, role, by)
    _end_what_the_role_allowed(world, name, role)


def limit_operator(world: SeenWorld, name: str, agents: list[str] | None, by: By) -> None:
    """Let an operator act for some agents only, or for all again.

    Raises:
        NotFoundError: the world has no such member.
        InvalidParameterError: the member is no operator, or an agent is not in the world.
    """
    with transaction.atomic():
        member = _locked_member(world, name)
        if member.role != Role.OPERATOR:
            facts = {"received": member.role, "accepted": Role.OPERATOR.value}
            raise InvalidParameterError("role", facts)
        for agent_id in agents or ():
            _require_agent(world, agent_id)
        before, member.acts_for = member.acts_for, None if agents is None else stored_agents(agents)
        if before != member.acts_for:
            member.save(update_fields=["acts_for"])
            words = _limit_in_words(before), _limit_in_words(member.acts_for)
            note_change(world.pk, Change(Subject.MEMBER, name, *words), by)


def _require_agent(world: SeenWorld, agent_id: str) -> None:
    agents = Agent.objects.filter(world_id=world.pk, agent_id=agent_id)
    if not is_id(agent_id) or not agents.exists():
        facts = {"received": shown(agent_id), "accepted": "ids of agents of this world"}
        raise InvalidParameterError("acts_for", facts)


def _limit_in_words(stored: str | None) -> str:
    agents = agents_in(stored)
    if agents is None:
        return "acts for all agents"
    return f"acts for {', '.join(agents) or 'no agent'}"


def remove_member(world: SeenWorld, name: str, by: By) -> None:
    """End a membership. Pages, requests and streams that follow find no such world.

    Raises:
        NotFoundError: the world has no such member.
        LastMaintainerError: the world would be left without a maintainer.
    """
    with transaction.atomic():
        member = _locked_member(world, name)
        _require_another_maintainer(world, member)
        member.delete()
        note_change(world.pk, Change(Subject.MEMBER, name, member.role, None), by)
        _revoke_invitations_of(world, member.account, None, by)
    _end_what_the_role_allowed(world, name, None)


def _locked_member(world: SeenWorld, name: str) -> Membership:
    """Give a member, with the world's members locked: of two maintainers who leave, one stays."""
    members = Membership.objects.select_for_update(of=("self",)).filter(world_id=world.pk)
    found = [
        member
        for member in members.select_related("account").order_by("pk")
        if member.account.get_username() == name
    ]
    if not found:
        raise NotFoundError("account", {"received": shown(name)})
    return found[0]


def _require_another_maintainer(world: SeenWorld, member: Membership) -> None:
    if member.role != Role.MAINTAINER:
        return
    others = Membership.objects.filter(
        world_id=world.pk, role=Role.MAINTAINER.value, account__is_active=True
    ).exclude(pk=member.pk)
    if not others.exists():
        raise LastMaintainerError("account", {"account": member.account.get_username()})


def _revoke_invitations_of(world: SeenWorld, account: User, role: Role | None, by: By) -> None:
    """End the open invitations of an account that may invite no more: it could use them itself."""
    if role is Role.MAINTAINER or account.is_superuser:
        return
    opened = Invitation.objects.select_for_update(of=("self",)).filter(
        world_id=world.pk, invited_by=account.get_username(), used_at=None, revoked_at=None
    )
    for invitation in opened.order_by("pk"):
        end_invitation(invitation, by)


def end_invitation(invitation: Invitation, by: By) -> None:
    """Revoke an open invitation, whose row is locked, and note it."""
    invitation.revoked_at = utc_now()
    invitation.save(update_fields=["revoked_at"])
    change = Change(Subject.INVITATION, invitation.prefix, invitation.role, None)
    note_change(invitation.world_id, change, by)


def _end_what_the_role_allowed(world: SeenWorld, name: str, role: Role | None) -> None:
    """Stop the runs that an account started in a world, once it may start none there."""
    account = User.objects.filter(username=name).first()
    if role is Role.MAINTAINER or (account is not None and account.is_superuser):
        return
    active = AgentRun.objects.filter(
        world_id=world.pk, account=name, state__in=[RunState.RUNNING, RunState.STOPPING]
    )
    for run_id in active.values_list("run_id", flat=True):
        stop_run(world, run_id)
