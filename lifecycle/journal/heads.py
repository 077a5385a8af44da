"""Where each world's journal ends, for start-up's report. Single heads are `store`'s."""

from typing import NamedTuple

from django.db.models import Max

from lifecycle.models.journal import JournalEvent, JournalHead


class WorldHead(NamedTuple):
    """The last good position of a world: the place and hash of its head, in a few words."""

    slug: str
    seq: int
    hash: str
    last_seq: int


def world_heads(limit: int = 100) -> list[WorldHead]:
    """Give where the journals of some worlds end; `last_seq` is the last event there really is."""
    heads = JournalHead.objects.select_related("world").order_by("world__slug")[:limit]
    return [
        WorldHead(head.world.slug, head.seq, head.hash, _last_seq(head.world_id)) for head in heads
    ]


def heads_off_their_journals() -> list[WorldHead]:
    """Give the worlds whose head is not at the last event there is."""
    return [head for head in world_heads() if head.seq != head.last_seq]


def _last_seq(world_pk: int) -> int:
    events = JournalEvent.objects.filter(world_id=world_pk)
    return events.aggregate(last=Max("seq"))["last"] or 0
