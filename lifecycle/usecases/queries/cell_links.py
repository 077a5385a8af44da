"""What a cell hangs together with: the model's turn, the artifact, its compile, its installs.

Each kind of link is read once for all cells of a page, by keys, and is bounded for each cell.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db.models import Q

from lifecycle.access.callers import SeenWorld
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import Install as InstallRow
from lifecycle.models.projections import InstalledModule, Publication
from lifecycle.models.runs import AgentTurn
from lifecycle.projections.modules import installs_by_module, modules_using
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import events_at

_MOST_INSTALLS: Final = 5


class Turn(NamedTuple):
    """The turn of a run that a model decided in."""

    run_id: str
    number: int
    model: str


class Place(NamedTuple):
    """An event, and the decision that it belongs to, where one does."""

    seq: int
    decision_id: str | None


class Install(NamedTuple):
    """A module that is bound to an artifact now, and where it was bound."""

    module_id: str
    module_version: str
    at: Place


class Published(NamedTuple):
    """An artifact that a cell published, and what is installed from it now: the first ones."""

    wasm_hash: str
    installs: list[Install]
    has_more: bool


class Used(NamedTuple):
    """The artifact that a cell installed, and where its installer published it."""

    wasm_hash: str
    at: Place | None


class Links(NamedTuple):
    """The links of one cell."""

    turn: Turn | None = None
    published: tuple[Published, ...] = ()
    used: Used | None = None


def links_of(world: SeenWorld, decisions: Iterable[Document]) -> dict[str, Links]:
    """Give the links of some decisions, by their ids."""
    listed = list(decisions)
    turns = _turns_of(world, [one["id"] for one in listed])
    published = {one["id"]: _hashes_in(one, "ModuleArtifactDeployed") for one in listed}
    installs = _installs_of(world, {name for names in published.values() for name in names})
    sources = _publications_of(world, listed)
    seqs = {row.installed_seq for rows in installs.values() for row in rows}
    places = _places_at(world, seqs.union(sources.values()))
    return {
        one["id"]: Links(
            turn=turns.get(one["id"]),
            published=tuple(
                _published(name, installs[name], places) for name in published[one["id"]]
            ),
            used=_used(one, sources, places),
        )
        for one in listed
    }


def published_what_was_bound_since(world: SeenWorld, seq: int) -> Q | None:
    """Give the condition on decisions whose artifacts were installed, or replaced, after an event.

    What came of such a cell is not what it was; `None` where nothing was installed since.
    """
    bound = InstallRow.objects.filter(world_id=world.pk, seq__gt=seq)
    rows = list(bound.values_list("module_id", "wasm_hash"))
    if not rows:
        return None
    before = (
        installs_by_module(world.pk, module_id).filter(seq__lte=seq).first()
        for module_id in {module_id for module_id, _ in rows}
    )
    hashes = {wasm_hash for _, wasm_hash in rows} | {row.wasm_hash for row in before if row}
    compiled = CompileJob.objects.filter(world_id=world.pk, wasm_hash__in=hashes)
    owned = Publication.objects.filter(world_id=world.pk, wasm_hash__in=hashes)
    seqs = owned.order_by().values("seq")
    # A compile that gave its publisher's own bytes again is known by its job alone.
    again = Q(decision_id__in=compiled.order_by().values("decision_id"))
    return again | Q(first_seq__in=seqs) | Q(outcome_seq__in=seqs)


def _turns_of(world: SeenWorld, decision_ids: list[str]) -> dict[str, Turn]:
    rows = AgentTurn.objects.filter(decision_id__in=decision_ids, run__world_id=world.pk)
    return {
        str(row.decision_id): Turn(row.run.run_id, row.number, row.run.model)
        for row in rows.select_related("run")
    }


def _hashes_in(decision: Document, kind: str) -> list[str]:
    events = decision["events"]
    return [event["payload"]["wasm_hash"] for event in events if event["kind"] == kind]


def _installs_of(world: SeenWorld, hashes: Iterable[str]) -> dict[str, list[InstalledModule]]:
    # One look-up for each, since a common artifact may be installed ten thousand times.
    return {
        name: list(modules_using(world.pk, name).order_by("id")[: _MOST_INSTALLS + 1])
        for name in hashes
    }


def _publications_of(world: SeenWorld, decisions: list[Document]) -> dict[tuple[str, str], int]:
    """Give where the artifacts of installs were published, by artifact and installer."""
    installs = [
        event["payload"]
        for decision in decisions
        for event in decision["events"]
        if event["kind"] == "ModuleInstalled"
    ]
    if not installs:
        return {}
    rows = Publication.objects.filter(
        world_id=world.pk,
        wasm_hash__in={told["wasm_hash"] for told in installs},
        agent_id__in={told["installer_agent_id"] for told in installs},
    )
    listed = rows.values_list("wasm_hash", "agent_id", "seq")
    return {(wasm_hash, agent_id): seq for wasm_hash, agent_id, seq in listed}


def _places_at(world: SeenWorld, seqs: Iterable[int]) -> dict[int, Place]:
    events = events_at(world, seqs)
    return {seq: Place(seq, event.get("decision_id")) for seq, event in events.items()}


def _published(
    wasm_hash: str, modules: list[InstalledModule], places: dict[int, Place]
) -> Published:
    installs = [
        Install(
            row.module_id,
            row.module_version,
            places.get(row.installed_seq, Place(row.installed_seq, None)),
        )
        for row in modules[:_MOST_INSTALLS]
    ]
    return Published(wasm_hash, installs, has_more=len(modules) > _MOST_INSTALLS)


def _used(
    decision: Document, sources: dict[tuple[str, str], int], places: dict[int, Place]
) -> Used | None:
    for event in decision["events"]:
        if event["kind"] == "ModuleInstalled":
            told = event["payload"]
            seq = sources.get((told["wasm_hash"], told["installer_agent_id"]))
            return Used(told["wasm_hash"], None if seq is None else places.get(seq))
    return None
