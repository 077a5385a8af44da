"""A world's agents as its notebook lists them: where each is, what it did last, what it has."""

import json
from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lifecycle.access.callers import SeenWorld
from lifecycle.models.decisions import Decision
from lifecycle.models.projections import Agent, InstalledModule, Publication
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.pages import Page, page_of


class LastAct(NamedTuple):
    """The decision that an agent made last."""

    decision_id: str
    arguments: Document
    status: str


class RosterRow(NamedTuple):
    """An agent, with how many artifacts it owns and how many modules it has installed."""

    agent_id: str
    location_id: str | None
    artifacts: int
    modules: int
    last_act: LastAct | None


def roster(world: SeenWorld, *, limit: int) -> Page[RosterRow]:
    """Give the first agents, in the order of their ids."""
    of_agent = {"world_id": OuterRef("world_id"), "agent_id": OuterRef("agent_id")}
    installed = {"world_id": OuterRef("world_id"), "installer_agent_id": OuterRef("agent_id")}
    agents = (
        Agent.objects.filter(world_id=world.pk)
        .order_by("agent_id")
        .annotate(
            last=Subquery(Decision.objects.filter(**of_agent).order_by("-id").values("pk")[:1]),
            artifacts=_count(Publication.objects.filter(**of_agent), "agent_id"),
            modules=_count(InstalledModule.objects.filter(**installed), "installer_agent_id"),
        )
        .values_list("agent_id", "location_id", "artifacts", "modules", "last")
    )
    listed = list(agents[: limit + 1])
    acts = Decision.objects.in_bulk([last for *_, last in listed if last is not None])
    rows = [
        RosterRow(agent_id, location_id, artifacts, modules, _last_act(acts.get(last)))
        for agent_id, location_id, artifacts, modules, last in listed
    ]
    return page_of(rows, limit, lambda row: row.agent_id)


def _count(rows: "QuerySet[InstalledModule] | QuerySet[Publication]", column: str) -> Coalesce:
    counted = rows.order_by().values(column).annotate(total=Count("*")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _last_act(row: Decision | None) -> LastAct | None:
    if row is None:
        return None
    return LastAct(row.decision_id, json.loads(row.arguments), row.status)
