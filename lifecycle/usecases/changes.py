"""The record of what is changed in a world outside of its journal.

What may be changed, and by whom, is decided where it is changed.
"""

from typing import NamedTuple

from lifecycle.models.teams import Subject, WorldChange
from lifecycle.usecases.clock import utc_now

_LONGEST_NAME = 200


class By(NamedTuple):
    """Who changes something, and by which channel; an operator's command has no account."""

    account: str | None
    channel: str


class Change(NamedTuple):
    """What becomes of something: short texts, `None` where there is nothing before or after."""

    subject: Subject
    name: str
    before: str | None
    after: str | None


def note_change(world_pk: int, change: Change, by: By) -> None:
    """Write a change down, in the transaction that makes it."""
    WorldChange.objects.create(
        world_id=world_pk,
        changed_at=utc_now(),
        account=by.account,
        channel=by.channel,
        subject=change.subject,
        name=change.name[:_LONGEST_NAME],
        before=change.before,
        after=change.after,
    )
