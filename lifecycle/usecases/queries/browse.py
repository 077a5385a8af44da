"""What exists in a world, as documents and pages of documents: the same for every face.

A page is cut by a cursor, the key of its last item, so that what is added meanwhile moves nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from lifecycle.access.callers import SeenWorld
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.models.projections import Agent, InstalledModule, Location
from lifecycle.models.worlds import World
from lifecycle.projections.artifacts import OwnedArtifact, artifacts_of, with_owners
from lifecycle.projections.modules import modules_of
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.queries.documents import Document, event_document

_Row = TypeVar("_Row")


class Page(NamedTuple):
    """Some items, and the cursor of the next page, where there is one."""

    items: list[Document]
    next: str | int | None


def page_of(
    rows: Iterable[_Row],
    limit: int,
    document: Callable[[_Row], Document],
    key: Callable[[_Row], str | int],
) -> Page:
    """Make a page of rows that were asked for with one more than the limit."""
    listed = list(rows)
    shown = listed[:limit]
    more = len(listed) > limit
    return Page([document(row) for row in shown], key(shown[-1]) if more else None)


def world_document(world: SeenWorld) -> Document:
    """Give a world's facts: where its journal ends, and how much there is in it."""
    row = World.objects.get(pk=world.pk)
    head = journal.get_head(world.slug)
    return {
        "slug": row.slug,
        "world_id": row.origin_id,
        "name": row.name,
        "head_seq": head.seq,
        "head_hash": head.hash,
        "tick": head.tick,
        "created_at": utc_text(row.created_at),
        "imported_at": None if row.imported_at is None else utc_text(row.imported_at),
        "counts": {
            "agents": Agent.objects.filter(world_id=row.pk).count(),
            "locations": Location.objects.filter(world_id=row.pk).count(),
            "artifacts": artifacts_of(row.pk).count(),
            "installed_modules": modules_of(row.pk).count(),
        },
    }


def agents_page(world: SeenWorld, *, after: str | None, limit: int) -> Page:
    """Give agents in the order of their ids."""
    rows = Agent.objects.filter(world_id=world.pk).order_by("agent_id")
    if after is not None:
        rows = rows.filter(agent_id__gt=after)
    return page_of(rows[: limit + 1], limit, _agent_document, lambda row: row.agent_id)


def _agent_document(row: Agent) -> Document:
    return {
        "agent_id": row.agent_id,
        "location_id": row.location_id,
        "registered_at_tick": row.registered_at_tick,
    }


def locations_page(world: SeenWorld, *, after: str | None, limit: int) -> Page:
    """Give places in the order of their ids."""
    rows = Location.objects.filter(world_id=world.pk).order_by("location_id")
    if after is not None:
        rows = rows.filter(location_id__gt=after)
    return page_of(rows[: limit + 1], limit, _location_document, lambda row: row.location_id)


def _location_document(row: Location) -> Document:
    return {"location_id": row.location_id, "registered_at_tick": row.registered_at_tick}


def modules_page(world: SeenWorld, *, before: int | None, limit: int) -> Page:
    """Give installed modules, newest first."""
    rows = modules_of(world.pk)
    if before is not None:
        rows = rows.filter(installed_seq__lt=before)
    return page_of(rows[: limit + 1], limit, module_document, lambda row: row.installed_seq)


def find_module(world: SeenWorld, module_id: str) -> Document | None:
    """Give one installed module."""
    row = modules_of(world.pk, module_id).first()
    return None if row is None else module_document(row)


def module_document(row: InstalledModule) -> Document:
    """Give an installed module as the status reply lists it, with its place in the journal."""
    return {
        "module_id": row.module_id,
        "module_version": row.module_version,
        "wasm_hash": row.wasm_hash,
        "installer_agent_id": row.installer_agent_id,
        "install_target": {"type": row.install_target},
        "active": row.active,
        "installed_at_tick": row.installed_at_tick,
        "installed_seq": row.installed_seq,
    }


def artifacts_page(
    world: SeenWorld, *, module_id: str | None, before: int | None, limit: int
) -> Page:
    """Give artifacts, newest first."""
    rows = artifacts_of(world.pk, module_id)
    if before is not None:
        rows = rows.filter(deployed_seq__lt=before)
    cut = list(rows[: limit + 1])
    owned = with_owners(world.pk, cut)
    return page_of(owned, limit, artifact_summary, lambda found: found.artifact.deployed_seq)


def artifact_summary(found: OwnedArtifact) -> Document:
    """Give an artifact as the status reply lists it, with its place in the journal."""
    row = found.artifact
    return {
        "wasm_hash": row.wasm_hash,
        "publisher_agent_id": row.publisher_agent_id,
        "owner_agent_ids": list(found.owners),
        "module_id_hint": row.module_id_hint,
        "bytes_len": row.bytes_len,
        "deployed_at_tick": row.deployed_at_tick,
        "deployed_seq": row.deployed_seq,
    }


def events_page(world: SeenWorld, *, after: int, limit: int) -> Page:
    """Give events in the order of the journal."""
    events = reading.read_events(world.pk, after=after, limit=limit + 1)
    return page_of(events, limit, event_document, lambda event: event.seq)


def head_seq(world: SeenWorld) -> int:
    """Give the place of a world's last event."""
    return journal.get_head(world.slug).seq


def find_event_document(world: SeenWorld, seq: int) -> dict[str, Any] | None:
    """Give the event at a place."""
    event = reading.find_event(world.pk, seq)
    return None if event is None else event_document(event)
