"""Who looks at a world: noted by the web servers that hold the streams, forgotten with them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import transaction

from lifecycle.models.presence import Presence
from lifecycle.usecases.clock import utc_now

# Noted anew well within the time after which it counts no more.
NOTE_SECONDS: Final = 10.0
_GONE_AFTER: Final = timedelta(seconds=30)


class Present(NamedTuple):
    """An account that looks at a world."""

    world_pk: int
    account: str


def note_present(server: str, present: Collection[Present]) -> None:
    """Say who has a stream open at a server now; nobody else has."""
    now = utc_now()
    rows = [
        Presence(world_id=one.world_pk, account=one.account, server=server, seen_at=now)
        for one in present
    ]
    with transaction.atomic():
        Presence.objects.filter(server=server).delete()
        Presence.objects.filter(seen_at__lt=now - _GONE_AFTER).delete()
        Presence.objects.bulk_create(rows)


def people_at(world_pk: int) -> list[str]:
    """Give the accounts that look at a world, by name."""
    seen = Presence.objects.filter(world_id=world_pk, seen_at__gte=utc_now() - _GONE_AFTER)
    return sorted(set(seen.values_list("account", flat=True)))
