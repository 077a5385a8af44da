"""A world as of one of its events, and what is different now. The replay is `timetravel`'s.

Only some of each kind is listed, so that a page of a crowded world stays a page; counts are whole.
"""

from heapq import nlargest, nsmallest
from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import AgentId, ModuleId, WasmHash
from lifecycle.core.state import ArtifactState, InstalledModuleState, PendingCompile, WorldState
from lifecycle.journal.store import Head, get_head
from lifecycle.models.projections import Agent, InstalledModule
from lifecycle.projections.artifacts import artifacts_of, with_owners
from lifecycle.projections.modules import modules_of
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import find_event
from lifecycle.usecases.timetravel import StateAt, state_at

_LISTED: Final = 25
_LISTED_SINCE: Final = 10
_LONGEST_SHOWN: Final = 40


class PastAgent(NamedTuple):
    """An agent, where it was, and where it is now."""

    agent_id: str
    location_id: str | None
    location_now: str | None

    @property
    def moved(self) -> bool:
        """Say whether it is elsewhere now."""
        return self.location_id != self.location_now


class PastArtifact(NamedTuple):
    """An artifact with its owners of then, and those who came since."""

    wasm_hash: str
    publisher: str
    owners: tuple[str, ...]
    owners_since: tuple[str, ...]
    bytes_len: int
    module_id_hint: str | None
    deployed_at_tick: int


class PastModule(NamedTuple):
    """What a module id was bound to."""

    module_id: str
    module_version: str
    wasm_hash: str
    installer: str
    active: bool
    installed_at_tick: int


class PastCompile(NamedTuple):
    """A compile that had been asked for and had no outcome yet."""

    request_seq: int
    module_id: str
    publisher: str


class NewArtifact(NamedTuple):
    """An artifact that was published since."""

    wasm_hash: str
    publisher: str
    module_id_hint: str | None
    deployed_seq: int


class ChangedModule(NamedTuple):
    """A module that was installed since; `before` is what its id was bound to, if to anything."""

    module_id: str
    module_version: str
    wasm_hash: str
    installed_seq: int
    before: PastModule | None

    @property
    def verb(self) -> str:
        """Say what happened to the module id."""
        if self.before is None:
            return "added"
        same = (self.before.wasm_hash, self.before.module_version)
        return "installed again" if same == (self.wasm_hash, self.module_version) else "changed"


class Since(NamedTuple):
    """What is different now. Nothing is ever taken out of a world, so that there is no less."""

    events: int
    ticks: int
    agents_added: int
    artifacts: list[NewArtifact]
    artifacts_total: int
    modules: list[ChangedModule]
    modules_total: int


class Past(NamedTuple):
    """A world after the event at `seq`."""

    seq: int
    head_seq: int
    tick: int
    digest: str
    event: Document | None
    agents: list[PastAgent]
    agents_total: int
    locations: list[str]
    locations_total: int
    artifacts: list[PastArtifact]
    artifacts_total: int
    modules: list[PastModule]
    modules_total: int
    compiles: list[PastCompile]
    compiles_total: int
    since: Since

    @property
    def locations_more(self) -> int:
        """Count the places that are not listed."""
        return self.locations_total - len(self.locations)


def place_of(text: str | None, head_seq: int) -> int:
    """Read a place in a journal that ends at `head_seq`; absent means its end.

    Raises:
        InvalidParameterError: the text is no whole number from 1 to the head.
    """
    if text is None or not text.strip():
        return head_seq
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= len(str(head_seq)):
        seq = int(digits)
        if 1 <= seq <= head_seq:
            return seq
    facts = {"received": text[:_LONGEST_SHOWN], "minimum": 1, "maximum": head_seq}
    raise InvalidParameterError("seq", facts)


def past_at(world: SeenWorld, seq: int) -> Past:
    """Give a world as of an event of its journal.

    Raises:
        InvalidParameterError: the place lies outside of the journal.
        JournalBrokenError: the journal is broken on the way.
    """
    found = state_at(world.slug, seq)
    state = found.state
    return Past(
        seq=found.seq,
        head_seq=found.head_seq,
        tick=state.tick,
        digest=found.digest,
        event=find_event(world, found.seq),
        agents=_agents(world, state),
        agents_total=len(state.agents),
        locations=[str(place) for place in nsmallest(_LISTED, state.locations)],
        locations_total=len(state.locations),
        artifacts=_artifacts(world, state),
        artifacts_total=len(state.module_artifacts),
        modules=_modules(state),
        modules_total=len(state.installed_modules),
        compiles=_compiles(state),
        compiles_total=len(state.pending_compiles),
        since=_since(world, found),
    )


def _agents(world: SeenWorld, state: WorldState) -> list[PastAgent]:
    listed = nsmallest(_LISTED, state.agents.items(), key=lambda item: item[0])
    rows = Agent.objects.filter(world_id=world.pk, agent_id__in=[agent for agent, _ in listed])
    now: dict[str, str | None] = dict(rows.values_list("agent_id", "location_id"))
    return [PastAgent(agent, then.location_id, now.get(agent)) for agent, then in listed]


def _artifacts(world: SeenWorld, state: WorldState) -> list[PastArtifact]:
    def age(item: tuple[WasmHash, ArtifactState]) -> int:
        return item[1].deployed_at_tick

    listed = nlargest(_LISTED, state.module_artifacts.items(), key=age)
    rows = artifacts_of(world.pk).filter(wasm_hash__in=[wasm_hash for wasm_hash, _ in listed])
    owners = {found.artifact.wasm_hash: found.owners for found in with_owners(world.pk, rows)}
    return [
        PastArtifact(
            wasm_hash=wasm_hash,
            publisher=then.publisher,
            owners=tuple(sorted(then.owners, key=lambda owner: (owner != then.publisher, owner))),
            owners_since=tuple(
                owner for owner in owners.get(wasm_hash, ()) if AgentId(owner) not in then.owners
            ),
            bytes_len=then.bytes_len,
            module_id_hint=then.module_id_hint,
            deployed_at_tick=then.deployed_at_tick,
        )
        for wasm_hash, then in listed
    ]


def _modules(state: WorldState) -> list[PastModule]:
    def age(item: tuple[ModuleId, InstalledModuleState]) -> int:
        return item[1].installed_at_tick

    listed = nlargest(_LISTED, state.installed_modules.items(), key=age)
    return [_module(module_id, then) for module_id, then in listed]


def _module(module_id: ModuleId, then: InstalledModuleState) -> PastModule:
    return PastModule(
        module_id=module_id,
        module_version=then.module_version,
        wasm_hash=then.wasm_hash,
        installer=then.installer,
        active=then.active,
        installed_at_tick=then.installed_at_tick,
    )


def _compiles(state: WorldState) -> list[PastCompile]:
    listed: list[tuple[int, PendingCompile]] = nsmallest(
        _LISTED, state.pending_compiles.items(), key=lambda item: item[0]
    )
    return [PastCompile(seq, then.module_id, then.publisher) for seq, then in listed]


def _since(world: SeenWorld, found: StateAt) -> Since:
    head: Head = get_head(world.slug)
    artifacts = artifacts_of(world.pk).filter(deployed_seq__gt=found.seq)
    modules = modules_of(world.pk).filter(installed_seq__gt=found.seq)
    return Since(
        events=head.seq - found.seq,
        ticks=head.tick - found.state.tick,
        agents_added=Agent.objects.filter(world_id=world.pk).count() - len(found.state.agents),
        artifacts=[
            NewArtifact(row.wasm_hash, row.publisher_agent_id, row.module_id_hint, row.deployed_seq)
            for row in artifacts[:_LISTED_SINCE]
        ],
        artifacts_total=artifacts.count(),
        modules=[_changed(row, found.state) for row in modules[:_LISTED_SINCE]],
        modules_total=modules.count(),
    )


def _changed(row: InstalledModule, state: WorldState) -> ChangedModule:
    module_id = ModuleId(row.module_id)
    then = state.installed_modules.get(module_id)
    before = None if then is None else _module(module_id, then)
    return ChangedModule(
        row.module_id, row.module_version, row.wasm_hash, row.installed_seq, before
    )
