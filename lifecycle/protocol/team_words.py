"""The words of refusals about members and invitations. Forms as in `rule_words`."""

from collections.abc import Mapping
from typing import Final

TEAM_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "last_maintainer": (
        "{account} is the only maintainer of this world.",
        "Make another member a maintainer first.",
    ),
    "too_many_worlds": (
        "You have founded {maximum} worlds, and an account may not found more.",
        "Use one of them, or have the operator raise WORLDSIM_WORLDS_OF_ACCOUNT.",
    ),
    "settings_changed": (
        "The settings of this world were changed meanwhile; nothing of this was set.",
        "See what was changed, and send what still holds.",
    ),
    "already_member": (
        "{account} is a member of the world {world} already.",
        "Have a maintainer change the role on the page Team; the invitation can still be used.",
    ),
    "invitation_unknown": (
        "There is no invitation with this code.",
        "Paste the whole code, which begins with wsi_; it was shown once, to who made it.",
    ),
    "invitation_used": (
        "This invitation was used already.",
        "An invitation lets one person in; ask for another one.",
    ),
    "invitation_revoked": (
        "This invitation was revoked.",
        "Ask who invited you for another one.",
    ),
    "invitation_expired": (
        "This invitation has expired.",
        "Ask who invited you for another one.",
    ),
}
