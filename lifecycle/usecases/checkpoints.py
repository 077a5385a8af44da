"""Signed checkpoints: say where a journal stood, and prove that a history extends what was said.

A checkpoint binds whoever signs it: a history that was made anew has another hash at its place.
"""

import base64
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery

from lifecycle.codec.checkpoints import CheckpointText, parse_checkpoint
from lifecycle.codec.events import GENESIS_HASH
from lifecycle.codec.notes import NoteFormatError, PublicKey, parse_note
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import Head
from lifecycle.models.audits import Checkpoint, CheckpointKey
from lifecycle.models.worlds import World
from lifecycle.usecases.clock import utc_now, utc_text
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queue import enqueue_checkpoint
from lifecycle.usecases.signing import find_signer, sign, signing_key
from lifecycle.usecases.timetravel import state_at

UPKEEP: Final = "upkeep"
_HANDED_OUT_AT_ONCE: Final = 4
_TRY_AGAIN_SECONDS: Final = 600
_log: Final = logging.getLogger(__name__)
# Which worlds this process has handed out lately: a broken one is not asked for every cycle.
_tried: Final[dict[int, float]] = {}


class Disproof(NamedTuple):
    """Why a checkpoint does not hold; `code` is stable."""

    code: str
    reason: str


class Signed(NamedTuple):
    """A checkpoint whose signature holds, and the key that made it."""

    text: CheckpointText
    key: PublicKey


def make_checkpoint(slug: str, *, account: str | None = None, channel: str) -> Checkpoint:
    """Sign where a world's journal stands now; what was signed already is given again.

    Raises:
        WorldNotFoundError: no such world.
        JournalBrokenError: the journal is broken, or does not extend its last checkpoint.
        InvalidParameterError: the journal holds no event yet.
        SigningKeyError: there is no usable key.
    """
    replayed = state_at(slug)
    head = journal.get_head(slug)
    if replayed.seq == 0:
        raise InvalidParameterError("world", {"accepted": "a world with at least one event"})
    event = reading.find_event(head.world_pk, replayed.seq)
    if event is None:
        raise JournalBrokenError(replayed.seq, "missing", "the event is missing")
    _require_extension(head)
    now = utc_now()
    text = CheckpointText(
        world_id=head.origin_id,
        world=head.slug,
        seq=replayed.seq,
        head_hash=event.hash,
        state_digest=replayed.digest,
        made_at=utc_text(now),
    )
    note, key = sign(text.encode())
    row = Checkpoint(
        world_id=head.world_pk,
        seq=text.seq,
        head_hash=text.head_hash,
        state_digest=text.state_digest,
        key=_known(key),
        account=account,
        channel=channel,
        made_at=now,
        note=note,
    )
    with transaction.atomic():
        Checkpoint.objects.bulk_create([row], ignore_conflicts=True)
        return Checkpoint.objects.get(world_id=head.world_pk, seq=text.seq, key_id=key.key_id)


def _require_extension(head: Head) -> None:
    """Refuse to sign a second history of a world."""
    last = Checkpoint.objects.filter(world_id=head.world_pk).order_by("-id").first()
    if last is None:
        return
    event = reading.find_event(head.world_pk, last.seq)
    if event is None or event.hash != last.head_hash:
        raise JournalBrokenError(
            last.seq, "checkpoint_mismatch", "it is not the event that the last checkpoint signed"
        )


def _known(key: PublicKey) -> CheckpointKey:
    row = CheckpointKey(
        key_id=key.key_id,
        name=key.name,
        public_key=base64.b64encode(key.public).decode(),
        first_used_at=utc_now(),
    )
    CheckpointKey.objects.bulk_create([row], ignore_conflicts=True)
    return CheckpointKey.objects.get(pk=key.key_id)


def known_keys() -> list[PublicKey]:
    """Give the keys that this service has signed with, the one in use first.

    Raises:
        SigningKeyError: there is no usable key.
    """
    rows = CheckpointKey.objects.order_by("-first_used_at")
    earlier = [PublicKey(row.name, row.public_bytes) for row in rows]
    current = signing_key()
    return [current, *(key for key in earlier if key != current)]


def read_signed(note: str, keys: Iterable[PublicKey]) -> Signed | Disproof:
    """Read a checkpoint and see that one of the trusted keys signed it."""
    try:
        parsed = parse_note(note)
        signer = find_signer(parsed, keys)
        if signer is None:
            named = ", ".join(signature.key_id for signature in parsed.signatures)
            return Disproof(
                "checkpoint_signature", f"no trusted key signed it; it names the key {named}"
            )
        return Signed(parse_checkpoint(parsed.text), signer)
    except NoteFormatError as error:
        return Disproof("checkpoint_unreadable", str(error))


def compare(slug: str, text: CheckpointText, digest_there: str | None) -> Disproof | None:
    """Say why a world's history does not extend a checkpoint, or that it does.

    Args:
        slug: The world.
        text: What was signed.
        digest_there: The digest of the replayed state at its place, where one was made.
    """
    head = journal.get_head(slug)
    if text.world_id != head.origin_id:
        return Disproof("checkpoint_of_another_world", f"it is of the world {text.world_id}")
    if text.seq > head.seq:
        return Disproof(
            "checkpoint_past_head", f"it signed event {text.seq}; the journal ends at {head.seq}"
        )
    event = reading.find_event(head.world_pk, text.seq)
    if event is None or event.hash != text.head_hash:
        there = GENESIS_HASH if event is None else event.hash
        return Disproof(
            "checkpoint_mismatch",
            f"event {text.seq} has the hash {there}, but {text.head_hash} was signed",
        )
    if digest_there is not None and digest_there != text.state_digest:
        return Disproof(
            "checkpoint_state_mismatch",
            f"the state at event {text.seq} has the digest {digest_there}, but "
            f"{text.state_digest} was signed",
        )
    return None


def sign_due_world(world_pk: int) -> str:
    """Sign a world for the service itself, and say in a word what became of it."""
    slug = World.objects.values_list("slug", flat=True).get(pk=world_pk)
    try:
        make_checkpoint(slug, channel=UPKEEP)
    except JournalBrokenError as error:
        _log.error("no checkpoint of %s: %s", slug, error)
        return error.code
    return "signed"


def hand_out_due() -> int:
    """Have the workers sign the worlds that are due; each is tried again after a while."""
    now = time.monotonic()
    for world_pk in [pk for pk, at in _tried.items() if now - at > _TRY_AGAIN_SECONDS]:
        del _tried[world_pk]
    due = [world_pk for world_pk in _worlds_due() if world_pk not in _tried]
    for world_pk in due[:_HANDED_OUT_AT_ONCE]:
        _tried[world_pk] = now
        enqueue_checkpoint(world_pk)
    return len(due)


def _worlds_due() -> list[int]:
    """Give the worlds that have changed since their last checkpoint, where that has become old."""
    hours = settings.ENVIRONMENT.checkpoint_hours
    if not hours:
        return []
    since = utc_now() - timedelta(hours=hours)
    last = Checkpoint.objects.filter(world=OuterRef("pk")).order_by()
    signed = last.values("world").annotate(seq=Max("seq"), at=Max("made_at"))
    worlds = World.objects.annotate(
        signed_seq=Subquery(signed.values("seq")), signed_at=Subquery(signed.values("at"))
    )
    never = Q(signed_seq__isnull=True, created_at__lt=since)
    old = Q(signed_at__lt=since, signed_seq__lt=F("journalhead__seq"))
    return list(worlds.filter(never | old, journalhead__seq__gt=0).values_list("pk", flat=True))
