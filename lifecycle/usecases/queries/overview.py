"""What the pages of a world show: short lists, newest first, each with a cursor to what is older.

Nothing here reads more rows than a page holds, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from django.db.models import Count, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lifecycle.access.roles import Account, worlds_for
from lifecycle.journal.reading import read_events_at, read_newest_events
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.projections import Agent, Artifact, InstalledModule
from lifecycle.projections.artifacts import artifacts_of, with_owners
from lifecycle.projections.compiles import UNFINISHED, unfinished_jobs
from lifecycle.projections.modules import modules_of
from lifecycle.usecases.queries.documents import Document, decision_document, event_document

PAGE: Final = 20
_MOST_AGENTS: Final = 200
_MOST_JOBS: Final = 50

_Row = TypeVar("_Row")


class Listing(NamedTuple, Generic[_Row]):
    """One page of a list. `older` is the cursor of the next page, absent on the last one."""

    rows: list[_Row]
    older: int | None


class WorldCard(NamedTuple):
    """A world in the list of worlds."""

    slug: str
    imported: bool
    seq: int
    tick: int
    agents: int
    artifacts: int
    modules: int
    last_activity: str | None


class UnfinishedCompile(NamedTuple):
    """An unfinished compile. `position` is its place in the queue of all worlds, from 1."""

    decision_id: str
    agent_id: str
    module_id: str
    manifest_path: str
    toolchain: str
    state: str
    attempts: int
    position: int | None
    requested_at: datetime
    started_at: datetime | None


class ArtifactRow(NamedTuple):
    """An artifact with its owners and the toolchain that made it, where one did."""

    wasm_hash: str
    bytes_len: int
    module_id_hint: str | None
    owners: tuple[str, ...]
    toolchain: str | None
    deployed_seq: int
    deployed_at_tick: int


class ModuleRow(NamedTuple):
    """An installed module; `flags` are those of the install that bound it."""

    module_id: str
    module_version: str
    wasm_hash: str
    installer_agent_id: str
    active: bool
    installed_seq: int
    installed_at_tick: int
    flags: tuple[str, ...]


def world_cards(account: Account) -> list[WorldCard]:
    """Give the worlds that an account may see, by their slugs."""
    worlds = worlds_for(account).annotate(
        agents_total=_count(Agent.objects.all()),
        artifacts_total=_count(Artifact.objects.all()),
        modules_total=_count(InstalledModule.objects.all()),
    )
    heads = dict(worlds.values_list("pk", "journalhead__seq"))
    ticks = dict(worlds.values_list("pk", "journalhead__tick"))
    return [
        WorldCard(
            slug=world.slug,
            imported=world.imported_at is not None,
            seq=heads[world.pk],
            tick=ticks[world.pk],
            agents=world.agents_total,
            artifacts=world.artifacts_total,
            modules=world.modules_total,
            last_activity=_last_activity(world.pk),
        )
        for world in worlds
    ]


def _count(rows: "QuerySet[Any]") -> Coalesce:
    counted = rows.filter(world_id=OuterRef("pk")).order_by().values("world_id")
    return Coalesce(
        Subquery(counted.annotate(total=Count("*")).values("total"), output_field=IntegerField()), 0
    )


def _last_activity(world_pk: int) -> str | None:
    newest = read_newest_events(world_pk, limit=1)
    return str(event_document(newest[0])["recorded_at"]) if newest else None


def live_version(account: Account, slug: str) -> str | None:
    """Give a short text that changes when what a world's page shows does, by one query.

    Returns:
        The text, or `None` where the account may see no such world.
    """
    decisions = Decision.objects.filter(world_id=OuterRef("pk")).order_by("-id")
    jobs = CompileJob.objects.filter(world_id=OuterRef("pk"), state__in=UNFINISHED)
    jobs_by_world = jobs.order_by().values("world_id")
    first_queued = CompileJob.objects.filter(state=JobState.QUEUED).order_by().values("state")
    queued = Count("pk", filter=Q(state=JobState.QUEUED))
    row = (
        worlds_for(account)
        .filter(slug=slug)
        .values_list(
            "journalhead__seq",
            Subquery(decisions.values("id")[:1]),
            Subquery(jobs_by_world.annotate(n=queued).values("n")),
            Subquery(jobs_by_world.annotate(n=Count("*")).values("n")),
            Subquery(jobs_by_world.annotate(last=Max("started_at")).values("last")),
            Subquery(first_queued.annotate(first=Min("id")).values("first")),
        )
        .first()
    )
    return None if row is None else _version_of(row)


def _version_of(row: tuple[Any, ...]) -> str:
    seq, decision, queued, unfinished, started_at, first_queued = row
    # Where nothing of this world waits, the queue of the others does not concern it.
    first = first_queued if queued else None
    started = started_at.timestamp() if started_at else None
    return "-".join(str(part or 0) for part in (seq, decision, queued, unfinished, started, first))


def agents_of(world_pk: int) -> list[str]:
    """Give the ids of a world's agents in alphabetic order; of very many, only the first."""
    agents = Agent.objects.filter(world_id=world_pk).order_by("agent_id")
    return list(agents.values_list("agent_id", flat=True)[:_MOST_AGENTS])


def decisions_page(
    world_pk: int, slug: str, *, before: int | None = None, limit: int = PAGE
) -> Listing[Document]:
    """Give decisions as documents, the last submitted first."""
    decisions = Decision.objects.filter(world_id=world_pk).order_by("-id")
    if before is not None:
        decisions = decisions.filter(id__lt=before)
    rows = list(decisions[: limit + 1])
    documents = [decision_document(slug, row) for row in rows[:limit]]
    return Listing(documents, rows[limit - 1].pk if len(rows) > limit else None)


def events_page(
    world_pk: int, *, before: int | None = None, limit: int = PAGE
) -> Listing[Document]:
    """Give events as documents, newest first."""
    stored = read_newest_events(world_pk, before=before, limit=limit + 1)
    documents = [event_document(event) for event in stored[:limit]]
    return Listing(documents, stored[limit - 1].seq if len(stored) > limit else None)


def artifacts_page(
    world_pk: int, *, before: int | None = None, limit: int = PAGE
) -> Listing[ArtifactRow]:
    """Give artifacts, newest first."""
    artifacts = artifacts_of(world_pk)
    if before is not None:
        artifacts = artifacts.filter(deployed_seq__lt=before)
    owned = with_owners(world_pk, artifacts[: limit + 1])
    payloads = _payloads(world_pk, (row.artifact.deployed_seq for row in owned))
    rows = [
        ArtifactRow(
            wasm_hash=artifact.wasm_hash,
            bytes_len=artifact.bytes_len,
            module_id_hint=artifact.module_id_hint,
            owners=owners,
            toolchain=(payloads[artifact.deployed_seq].get("provenance") or {}).get("toolchain"),
            deployed_seq=artifact.deployed_seq,
            deployed_at_tick=artifact.deployed_at_tick,
        )
        for artifact, owners in owned
    ]
    return Listing(rows[:limit], rows[limit - 1].deployed_seq if len(rows) > limit else None)


def modules_page(
    world_pk: int, *, before: int | None = None, limit: int = PAGE
) -> Listing[ModuleRow]:
    """Give installed modules, the last installed first."""
    modules = modules_of(world_pk)
    if before is not None:
        modules = modules.filter(installed_seq__lt=before)
    rows = _module_rows(world_pk, modules[: limit + 1])
    return Listing(rows[:limit], rows[limit - 1].installed_seq if len(rows) > limit else None)


def _module_rows(world_pk: int, modules: Iterable[InstalledModule]) -> list[ModuleRow]:
    listed = list(modules)
    payloads = _payloads(world_pk, (module.installed_seq for module in listed))
    return [
        ModuleRow(
            module_id=module.module_id,
            module_version=module.module_version,
            wasm_hash=module.wasm_hash,
            installer_agent_id=module.installer_agent_id,
            active=module.active,
            installed_seq=module.installed_seq,
            installed_at_tick=module.installed_at_tick,
            flags=tuple(payloads[module.installed_seq].get("flags", ())),
        )
        for module in listed
    ]


def _payloads(world_pk: int, seqs: Iterable[int]) -> defaultdict[int, Document]:
    # A row whose event is gone is shown without what only the event knows; `verify` names it.
    payloads: defaultdict[int, Document] = defaultdict(dict)
    for seq, stored in read_events_at(world_pk, seqs).items():
        payloads[seq] = event_document(stored)["payload"]
    return payloads


def unfinished_compiles(world_pk: int) -> list[UnfinishedCompile]:
    """Give a world's queued and running compiles, those that run first, then as they wait."""
    jobs = unfinished_jobs(world_pk).order_by("-state", "id")[:_MOST_JOBS]
    waiting = _count_before(jobs)
    return [
        UnfinishedCompile(
            decision_id=job.decision_id,
            agent_id=job.publisher_agent_id,
            module_id=job.module_id,
            manifest_path=job.manifest_path,
            toolchain=job.toolchain,
            state=job.state,
            attempts=job.attempts,
            position=waiting.get(job.pk),
            requested_at=job.requested_at,
            started_at=job.started_at,
        )
        for job in jobs
    ]


def _count_before(jobs: Iterable[CompileJob]) -> dict[int, int]:
    """Give the place of each queued job among those of all worlds, from 1."""
    queued = [job.pk for job in jobs if job.state == JobState.QUEUED]
    if not queued:
        return {}
    all_queued = CompileJob.objects.filter(state=JobState.QUEUED, pk__lte=max(queued))
    ordered = all_queued.order_by("id").values_list("pk", flat=True)
    places = {pk: place for place, pk in enumerate(ordered, start=1)}
    return {pk: places[pk] for pk in queued if pk in places}
