"""Codes of invitations: made once, shown once, kept as a keyed digest. Joining is a use case."""

import secrets
from datetime import datetime
from typing import Final, NamedTuple

from lifecycle.access.digests import keyed_digest, possible_digests
from lifecycle.models.teams import Invitation
from lifecycle.models.worlds import Role, World

_MARK: Final = "wsi_"
_PREFIX_LENGTH: Final = 12
_LONGEST: Final = 200
_SALT: Final = "lifecycle.access.invitations"


class Terms(NamedTuple):
    """What an invitation offers, for whom it is meant, and until when it can be used."""

    role: Role
    note: str
    expires_at: datetime


def issue_invitation(
    world: World, invitation_id: str, terms: Terms, *, by: str | None, now: datetime
) -> tuple[Invitation, str]:
    """Make an invitation and give it with its code in clear, the only time that it can be seen."""
    code = _MARK + secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        world=world,
        invitation_id=invitation_id,
        prefix=code[:_PREFIX_LENGTH],
        digest=keyed_digest(_SALT, code),
        role=terms.role.value,
        note=terms.note,
        invited_by=by,
        created_at=now,
        expires_at=terms.expires_at,
    )
    return invitation, code


def find_invitation(code: str) -> Invitation | None:
    """Give the invitation of a code, whatever its state, or `None` where the code is unknown."""
    if not code.startswith(_MARK) or len(code) > _LONGEST or not code.isascii():
        return None
    digests = list(possible_digests(_SALT, code))
    return Invitation.objects.select_related("world").filter(digest__in=digests).first()
