"""Worlds: where their journals end, how much is in them, and who and what that is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from lifecycle.access.callers import SeenWorld
from lifecycle.models.projections import Agent, Artifact, InstalledModule, Location
from lifecycle.models.worlds import World
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import newest_events_page
from lifecycle.usecases.queries.pages import Page, page_of


class WorldRow(NamedTuple):
    """A world, the end of its journal, and how much is in it.

    `last_activity` is when its last event was recorded, which only that knows: see
    `with_last_activity`.
    """

    seen: SeenWorld
    slug: str
    origin_id: str
    name: str
    seq: int
    hash: str
    tick: int
    created_at: datetime
    imported_at: datetime | None
    fault_seq: int | None
    fault_code: str | None
    fault_at: datetime | None
    agents: int
    locations: int
    artifacts: int
    modules: int
    title: str = ""
    last_activity: str | None = None

    def document(self) -> Document:
        """Give the world as JSON."""
        return {
            "slug": self.slug,
            "world_id": self.origin_id,
            "name": self.name,
            "head_seq": self.seq,
            "head_hash": self.hash,
            "tick": self.tick,
            "created_at": utc_text(self.created_at),
            "imported_at": None if self.imported_at is None else utc_text(self.imported_at),
            "broken": self._broken(),
            "counts": {
                "agents": self.agents,
                "locations": self.locations,
                "artifacts": self.artifacts,
                "installed_modules": self.modules,
            },
        }

    def _broken(self) -> Document | None:
        if self.fault_code is None or self.fault_at is None:
            return None
        return {
            "seq": self.fault_seq,
            "code": self.fault_code,
            "found_at": utc_text(self.fault_at),
        }


def world_rows(worlds: Iterable[SeenWorld]) -> list[WorldRow]:
    """Give some worlds, by their slugs, with one query."""
    seen = {world.pk: world for world in worlds}
    rows = (
        World.objects.filter(pk__in=list(seen))
        .order_by("slug")
        .annotate(
            agents_total=_count(Agent.objects.all()),
            locations_total=_count(Location.objects.all()),
            artifacts_total=_count(Artifact.objects.all()),
            modules_total=_count(InstalledModule.objects.all()),
        )
        .values_list(
            "pk",
            "slug",
            "origin_id",
            "name",
            "journalhead__seq",
            "journalhead__hash",
            "journalhead__tick",
            "created_at",
            "imported_at",
            "fault_seq",
            "fault_code",
            "fault_at",
            "agents_total",
            "locations_total",
            "artifacts_total",
            "modules_total",
            Coalesce("worldsettings__title", Value("")),
        )
    )
    return [WorldRow(seen[pk], *columns) for pk, *columns in rows]


def _count(rows: "QuerySet[Any]") -> Coalesce:
    counted = rows.filter(world_id=OuterRef("pk")).order_by().values("world_id")
    return Coalesce(
        Subquery(counted.annotate(total=Count("*")).values("total"), output_field=IntegerField()), 0
    )


def with_last_activity(row: WorldRow) -> WorldRow:
    """Add to a world when its last event was recorded."""
    newest = newest_events_page(row.seen, limit=1).rows
    return row._replace(last_activity=newest[0]["recorded_at"] if newest else None)


def world_document(world: SeenWorld) -> Document:
    """Give a world's facts: where its journal ends, and how much there is in it."""
    [row] = world_rows([world])
    return row.document()


def agents_page(world: SeenWorld, *, after: str | None = None, limit: int) -> Page[Document]:
    """Give agents in the order of their ids."""
    rows = Agent.objects.filter(world_id=world.pk).order_by("agent_id")
    if after is not None:
        rows = rows.filter(agent_id__gt=after)
    return page_of(rows[: limit + 1], limit, lambda row: row.agent_id).map(_agent_document)


def find_agent(world: SeenWorld, agent_id: str) -> Document | None:
    """Give one agent."""
    row = Agent.objects.filter(world_id=world.pk, agent_id=agent_id).first()
    return None if row is None else _agent_document(row)


def _agent_document(row: Agent) -> Document:
    return {
        "agent_id": row.agent_id,
        "location_id": row.location_id,
        "registered_at_tick": row.registered_at_tick,
    }


def locations_page(world: SeenWorld, *, after: str | None = None, limit: int) -> Page[Document]:
    """Give places in the order of their ids."""
    rows = Location.objects.filter(world_id=world.pk).order_by("location_id")
    if after is not None:
        rows = rows.filter(location_id__gt=after)
    return page_of(rows[: limit + 1], limit, lambda row: row.location_id).map(_location_document)


def _location_document(row: Location) -> Document:
    return {"location_id": row.location_id, "registered_at_tick": row.registered_at_tick}
