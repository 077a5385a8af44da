"""Who belongs to a world, who is invited, and what was changed in it outside of its journal."""

from typing import Final

from lifecycle.access.acting import agents_in
from lifecycle.access.callers import SeenWorld
from lifecycle.models.teams import Invitation, WorldChange
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.pages import Page, page_of

# Who can do most comes first.
_ORDER: Final = (Role.MAINTAINER, Role.OPERATOR, Role.AUDITOR, Role.VIEWER)


def members_of(world: SeenWorld) -> list[Document]:
    """Give the members of a world, by role and name."""
    rows = Membership.objects.filter(world_id=world.pk).select_related("account")
    members = [_member_document(row) for row in rows.order_by("account__username")]
    return sorted(members, key=lambda member: _ORDER.index(Role(member["role"])))


def find_member(world: SeenWorld, name: str) -> Document | None:
    """Give one member."""
    rows = Membership.objects.filter(world_id=world.pk, account__username=name)
    row = rows.select_related("account").first()
    return None if row is None else _member_document(row)


def roles_of(account: str) -> list[Document]:
    """Give the worlds that an account belongs to, with its role in each."""
    rows = Membership.objects.filter(account__username=account).select_related("world")
    return [
        {"world": row.world.slug, "role": row.role, "acts_for": agents_in(row.acts_for)}
        for row in rows.order_by("world__slug")
    ]


def _member_document(row: Membership) -> Document:
    return {
        "account": row.account.get_username(),
        "role": row.role,
        "active": row.account.is_active,
        "acts_for": agents_in(row.acts_for),
    }


def open_invitations(world: SeenWorld) -> list[Document]:
    """Give the invitations of a world by which somebody could still join, newest first."""
    rows = Invitation.objects.filter(
        world_id=world.pk, used_at=None, revoked_at=None, expires_at__gt=utc_now()
    )
    return [invitation_document(row) for row in rows]


def invitation_document(row: Invitation) -> Document:
    """Give an invitation without what it would take to use it."""
    return {
        "invitation_id": row.invitation_id,
        "prefix": row.prefix,
        "role": row.role,
        "note": row.note,
        "invited_by": row.invited_by,
        "created_at": utc_text(row.created_at),
        "expires_at": utc_text(row.expires_at),
    }


def changes_page(
    world: SeenWorld,
    *,
    subjects: tuple[str, ...] | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> Page[Document]:
    """Give what was changed in a world, newest first."""
    rows = WorldChange.objects.filter(world_id=world.pk).order_by("-id")
    if subjects is not None:
        rows = rows.filter(subject__in=subjects)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return page_of(rows[: limit + 1], limit, lambda row: row.pk).map(_change_document)


def _change_document(row: WorldChange) -> Document:
    return {
        "changed_at": utc_text(row.changed_at),
        "account": row.account,
        "channel": row.channel,
        "subject": row.subject,
        "name": row.name,
        "before": row.before,
        "after": row.after,
    }
