"""Drafts of cells: kept with a version, so that no save overwrites what its sender has not seen.

What stands in a draft is its face's matter: here it is a text. Drafts are not journaled.
"""

from datetime import datetime
from typing import Final, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from lifecycle.access.callers import SeenWorld
from lifecycle.models.drafts import Draft
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import DraftTooLargeError, NotFoundError, TooManyDraftsError

MOST_DRAFTS: Final = 50
# A source package within the default limits, as JSON.
LARGEST_DRAFT_BYTES: Final = 6 * 1024 * 1024
_LONGEST_TITLE: Final = 200


class Desk(NamedTuple):
    """Where an account writes: its own drafts of one world that it may act in."""

    world: SeenWorld
    account: User


class DraftRow(NamedTuple):
    """A draft without what stands in it."""

    draft_id: str
    version: int
    title: str
    size_bytes: int
    saved_at: datetime


class KeptDraft(NamedTuple):
    """A draft in full."""

    draft_id: str
    version: int
    content: str
    saved_at: datetime


class Saved(NamedTuple):
    """What became of a save: the draft as it is now, and whether it is what was to be saved.

    Where `is_stale`, another save came before; nothing was changed, and `draft` is what it left.
    """

    draft: KeptDraft
    is_stale: bool


def drafts_of(desk: Desk) -> list[DraftRow]:
    """Give an account's drafts, the one saved last first."""
    rows = _drafts(desk).order_by("-saved_at", "-id")
    columns = ("draft_id", "version", "title", "size_bytes", "saved_at")
    return [DraftRow(*row) for row in rows.values_list(*columns)[:MOST_DRAFTS]]


def find_draft(desk: Desk, draft_id: str) -> KeptDraft | None:
    """Give one draft; another account's is as absent as an unknown one."""
    row = _drafts(desk).filter(draft_id=draft_id).first()
    return None if row is None else _kept(row)


def newest_draft(desk: Desk) -> KeptDraft | None:
    """Give the draft saved last."""
    row = _drafts(desk).order_by("-saved_at", "-id").first()
    return None if row is None else _kept(row)


def start_draft(desk: Desk, title: str, content: str) -> KeptDraft:
    """Keep a new draft.

    Raises:
        TooManyDraftsError: the account has as many as are kept.
        DraftTooLargeError: it is larger than is kept.
    """
    size_bytes, now = _measured(content), utc_now()
    with transaction.atomic():
        # The account's row is the lock: two tabs that start drafts at once are counted in turn.
        User.objects.select_for_update().get(pk=desk.account.pk)
        if _drafts(desk).count() >= MOST_DRAFTS:
            raise TooManyDraftsError("draft", {"maximum": MOST_DRAFTS})
        row = Draft.objects.create(
            world_id=desk.world.pk,
            account=desk.account,
            draft_id=new_id(),
            title=_shown(title),
            content=content,
            size_bytes=size_bytes,
            created_at=now,
            saved_at=now,
        )
    return _kept(row)


def save_draft(desk: Desk, draft_id: str, known: int, title: str, content: str) -> Saved:
    """Put another text in the place of the version that is known.

    Saving what stands there already is no conflict, whoever saved it: an answer may be lost.

    Args:
        desk: Whose draft it is.
        draft_id: Its id.
        known: The version that the text was made from.
        title: Its text in a few words.
        content: Its text.

    Raises:
        NotFoundError: the account has no such draft.
        DraftTooLargeError: it is larger than is kept.
    """
    size_bytes = _measured(content)
    changed = (
        _drafts(desk)
        .filter(draft_id=draft_id, version=known)
        .update(
            version=F("version") + 1,
            title=_shown(title),
            content=content,
            size_bytes=size_bytes,
            saved_at=utc_now(),
        )
    )
    kept = find_draft(desk, draft_id)
    if kept is None:
        raise NotFoundError("draft", {"received": draft_id[:80]})
    return Saved(kept, is_stale=not changed and kept.content != content)


def end_draft(desk: Desk, draft_id: str, known: int | None = None) -> bool:
    """Forget a draft, where given only in the version that is known. Say whether it was there."""
    drafts = _drafts(desk).filter(draft_id=draft_id)
    if known is not None:
        drafts = drafts.filter(version=known)
    return bool(drafts.delete()[0])


def _shown(title: str) -> str:
    # It is a line of a list; what was written is kept as it is. PostgreSQL takes no U+0000.
    return "".join(char if char.isprintable() else " " for char in title[:_LONGEST_TITLE])


def _drafts(desk: Desk) -> "QuerySet[Draft]":
    return Draft.objects.filter(world_id=desk.world.pk, account=desk.account)


def _measured(content: str) -> int:
    size_bytes = len(content.encode())
    if size_bytes > LARGEST_DRAFT_BYTES:
        raise DraftTooLargeError("draft", {"actual": size_bytes, "maximum": LARGEST_DRAFT_BYTES})
    return size_bytes


def _kept(row: Draft) -> KeptDraft:
    return KeptDraft(row.draft_id, row.version, row.content, row.saved_at)
