"""Invitations: made, revoked, used once to join. Who may invite is asked by the faces."""

from datetime import timedelta
from typing import Final, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from lifecycle.access.callers import SeenWorld, may_maintain
from lifecycle.access.invitations import Terms, find_invitation, issue_invitation
from lifecycle.access.roles import grant
from lifecycle.models.teams import Invitation, Subject
from lifecycle.models.worlds import Membership, Role, World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import (
    AlreadyMemberError,
    InvalidParameterError,
    InvitationError,
    InvitationExpiredError,
    InvitationRevokedError,
    InvitationUsedError,
    NotFoundError,
)
from lifecycle.usecases.members import end_invitation, role_of

MOST_DAYS: Final = 90
DEFAULT_DAYS: Final = 7
LONGEST_NOTE: Final = 254
_DAYS_RULE: Final = f"a whole number from 1 to {MOST_DAYS}"


class Wanted(NamedTuple):
    """An invitation as it is asked for: texts, as they came."""

    role: str
    note: str = ""
    days: str = str(DEFAULT_DAYS)


class Made(NamedTuple):
    """A new invitation, and its code, which is shown this once."""

    invitation: Invitation
    code: str


def invite(world: SeenWorld, wanted: Wanted, by: By) -> Made:
    """Make an invitation into a world.

    Raises:
        InvalidParameterError: the role, the note or the days are not what they must be.
    """
    now = utc_now()
    terms = Terms(
        role_of(wanted.role), _note_in(wanted.note), now + timedelta(days=_days_in(wanted.days))
    )
    with transaction.atomic():
        row = World.objects.get(pk=world.pk)
        invitation, code = issue_invitation(row, new_id(), terms, by=by.account, now=now)
        change = Change(Subject.INVITATION, invitation.prefix, None, terms.role.value)
        note_change(world.pk, change, by)
    return Made(invitation, code)


def _note_in(text: str) -> str:
    note = text.strip()
    if len(note) > LONGEST_NOTE or not note.isprintable():
        facts = {"received": shown(note), "accepted": f"one line of at most {LONGEST_NOTE}"}
        raise InvalidParameterError("note", facts)
    return note


def _days_in(text: str) -> int:
    digits = text.strip()
    sound = digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST_DAYS))
    if not sound or not 1 <= int(digits) <= MOST_DAYS:
        raise InvalidParameterError("days", {"received": shown(text), "accepted": _DAYS_RULE})
    return int(digits)


def revoke_invitation(world: SeenWorld, invitation_id: str, by: By) -> None:
    """End an invitation that is still open; one that has ended stays as it is.

    Raises:
        NotFoundError: the world has no such invitation.
    """
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).filter(world_id=world.pk)
        invitation = rows.filter(invitation_id=invitation_id).first()
        if invitation is None:
            raise NotFoundError("invitation", {"received": shown(invitation_id)})
        if invitation.used_at is not None or invitation.revoked_at is not None:
            return
        end_invitation(invitation, by)


def open_invitation(code: str) -> Invitation:
    """Give the invitation of a code.

    Raises:
        InvitationError: the code is unknown, or its invitation was used, revoked or expired.
    """
    invitation = find_invitation("".join(code.split()).rpartition("#")[2])
    if invitation is None:
        raise InvitationError("code")
    require_open(invitation)
    return invitation


def reopen_invitation(invitation_id: str) -> Invitation:
    """Give an invitation whose code was shown to be known before.

    Raises:
        InvitationError: there is none, or it was used, revoked or expired.
    """
    rows = Invitation.objects.select_related("world")
    invitation = rows.filter(invitation_id=invitation_id).first()
    if invitation is None:
        raise InvitationError("code")
    require_open(invitation)
    return invitation


def require_open(invitation: Invitation) -> None:
    """Refuse an invitation that has ended.

    Raises:
        InvitationUsedError: somebody joined by it.
        InvitationRevokedError: a maintainer revoked it, or who made it may invite no more.
        InvitationExpiredError: its time is over.
    """
    if invitation.used_at is not None:
        raise InvitationUsedError("code")
    if invitation.revoked_at is not None or not _may_still_invite(invitation):
        raise InvitationRevokedError("code")
    if invitation.expires_at <= utc_now():
        raise InvitationExpiredError("code")


def _may_still_invite(invitation: Invitation) -> bool:
    """Say whether the account that made an invitation could make it now."""
    inviter = User.objects.filter(username=invitation.invited_by).first()
    if inviter is None:  # the operator's command has no account
        return True
    world = SeenWorld(invitation.world_id, invitation.world.slug)
    return inviter.is_active and may_maintain(inviter, world)


def join(invitation_id: str, account: User, *, channel: str) -> World:
    """Make an account a member by an invitation, which is used up by it.

    Raises:
        InvitationError: there is none, or it was used, revoked or expired.
        AlreadyMemberError: the account has a role in the world; the invitation stays open.
    """
    name = account.get_username()
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related("world")
        invitation = rows.filter(invitation_id=invitation_id).first()
        if invitation is None:
            raise InvitationError("code")
        require_open(invitation)
        world = invitation.world
        if Membership.objects.filter(world=world, account=account).exists():
            raise AlreadyMemberError("account", {"account": name, "world": world.slug})
        invitation.used_at, invitation.used_by = utc_now(), name
        invitation.save(update_fields=["used_at", "used_by"])
        grant(world, account, Role(invitation.role))
        note_change(
            world.pk,
            Change(Subject.MEMBER, name, None, invitation.role),
            By(name, channel),
        )
    return world
