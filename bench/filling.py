"""Fills worlds with many events quickly, through the journal's own append."""

from collections.abc import Iterator
from itertools import islice

from bench import service

BATCH = 1000


def fill(slug: str, events: int) -> None:
    """Append waits until a world has this many events; its projections stay true."""
    from django.db import transaction

    from lifecycle.core.events import Actor, AgentWaited, Recorded
    from lifecycle.core.ids import AgentId
    from lifecycle.journal import store
    from lifecycle.usecases.clock import new_decision_id, utc_now, utc_text

    agent = AgentId(service.AGENT)
    actor = Actor(None, agent, "api")

    def waits(seq: int, tick: int) -> Iterator[Recorded]:
        while True:
            seq, tick = seq + 1, tick + 1
            wait = AgentWaited(agent, 1)
            yield Recorded(seq, tick, wait, new_decision_id(), actor, utc_text(utc_now()))

    while (head := store.get_head(slug)).seq < events:
        batch = list(islice(waits(head.seq, head.tick), min(BATCH, events - head.seq)))
        with transaction.atomic():
            store.append(store.lock_head(slug), batch)
