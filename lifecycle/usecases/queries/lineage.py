"""What hangs together around one thing: sources, compiles, artifacts, installs, modules.

A neighbourhood and no more: as many steps and as many neighbours of each node as were asked for.
Every look-up is by an index and bounded, so that a crowded world costs what a small one does. How
it is drawn is the notebook's.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from lifecycle.access.callers import SeenWorld
from lifecycle.journal import reading
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.projections import Artifact, Install, InstalledModule, Publication
from lifecycle.projections.modules import installs_by_artifact, installs_by_module
from lifecycle.usecases.queries.events import events_at

KINDS: Final = ("source", "compile", "artifact", "install", "module")
MOST_NODES: Final = 60
_MOST_COUNTED: Final = 1_000
_MOST_READ: Final = 20


class Key(NamedTuple):
    """What a node stands for: a digest, a hash, a module's id, or an event's place as text."""

    kind: str
    name: str

    def __str__(self) -> str:
        """Write it as an address does."""
        return f"{self.kind}:{self.name}"


class Node(NamedTuple):
    """A thing with its two lines of text; `state` is how it stands, where that is worth a colour.

    `more` counts the neighbours that are not shown, up to a thousand.
    """

    key: Key
    title: str
    about: str
    state: str
    decision_id: str | None
    distance: int
    more: int


class Edge(NamedTuple):
    """One thing led to another."""

    source: Key
    target: Key


class Lineage(NamedTuple):
    """A neighbourhood of `centre`; `cut` says that there is more than is shown."""

    centre: Key
    nodes: list[Node]
    edges: list[Edge]
    cut: bool


class _Neighbours(NamedTuple):
    before: list[Key]
    after: list[Key]
    more: int


def lineage_around(world: SeenWorld, centre: Key, *, depth: int, fan: int) -> Lineage:
    """Give what is at most `depth` steps away, and of each thing at most `fan` on either side."""
    distances: dict[Key, int] = {centre: 0}
    edges: dict[Edge, None] = {}
    more: dict[Key, int] = {}
    waiting = deque([centre])
    cut = False
    while waiting:
        key = waiting.popleft()
        if distances[key] == depth:
            continue
        found = _neighbours_of(world, key, fan)
        more[key] = found.more
        cut = cut or found.more > 0
        for edge, other in _edges_of(key, found):
            if other not in distances:
                if len(distances) == MOST_NODES:
                    more[key] += 1
                    cut = True
                    continue
                distances[other] = distances[key] + 1
                waiting.append(other)
            edges[edge] = None
    nodes = [
        node._replace(distance=distances[node.key], more=more.get(node.key, 0))
        for node in _nodes(world, list(distances))
    ]
    known = {node.key for node in nodes}
    kept = [edge for edge in edges if edge.source in known and edge.target in known]
    return Lineage(centre, nodes, kept, cut)


def _edges_of(key: Key, found: _Neighbours) -> Iterator[tuple[Edge, Key]]:
    for other in found.before:
        yield Edge(other, key), other
    for other in found.after:
        yield Edge(key, other), other


def _neighbours_of(world: SeenWorld, key: Key, fan: int) -> _Neighbours:
    match key.kind:
        case "source":
            jobs = CompileJob.objects.filter(world_id=world.pk, source_digest=key.name)
            return _after(jobs.order_by("-request_seq"), "request_seq", "compile", fan)
        case "compile":
            return _around_compile(world, int(key.name))
        case "artifact":
            return _around_artifact(world, key.name, fan)
        case "install":
            return _around_install(world, int(key.name))
        case _:
            installs = installs_by_module(world.pk, key.name)
            found = _after(installs, "seq", "install", fan)
            return _Neighbours(found.after, [], found.more)


def _after(rows: "QuerySet[Any]", column: str, kind: str, fan: int) -> _Neighbours:
    seqs = list(rows.values_list(column, flat=True)[: fan + 1])
    more = 0
    if len(seqs) > fan:
        more = len(rows.values_list(column, flat=True)[: fan + _MOST_COUNTED]) - fan
    return _Neighbours([], [Key(kind, str(seq)) for seq in seqs[:fan]], more)


def _around_compile(world: SeenWorld, request_seq: int) -> _Neighbours:
    job = CompileJob.objects.filter(world_id=world.pk, request_seq=request_seq).first()
    if job is None:
        # An upload: it has a publication at its place, and neither sources nor a job.
        rows = _events_of(world, [request_seq], "ModuleArtifactDeployed")
        return _Neighbours([], [Key("artifact", row["wasm_hash"]) for row in rows.values()], 0)
    made = [] if job.wasm_hash is None else [Key("artifact", job.wasm_hash)]
    return _Neighbours([Key("source", job.source_digest)], made, 0)


def _around_artifact(world: SeenWorld, wasm_hash: str, fan: int) -> _Neighbours:
    jobs = CompileJob.objects.filter(world_id=world.pk, wasm_hash=wasm_hash)
    compiles = _after(jobs.order_by("-request_seq"), "request_seq", "compile", fan)
    uploads = _uploads_of(world, wasm_hash, max(0, fan - len(compiles.after)))
    installs = _after(installs_by_artifact(world.pk, wasm_hash), "seq", "install", fan)
    before = [*compiles.after, *uploads]
    return _Neighbours(before, installs.after, compiles.more + installs.more)


def _uploads_of(world: SeenWorld, wasm_hash: str, fan: int) -> list[Key]:
    """Give the publications of bytes that no compile made here."""
    rows = Publication.objects.filter(world_id=world.pk, wasm_hash=wasm_hash).order_by("seq")
    seqs = list(rows.values_list("seq", flat=True)[:_MOST_READ])
    told = _events_of(world, seqs, "ModuleArtifactDeployed")
    uploads = (seq for seq, payload in told.items() if payload["provenance"] is None)
    return [Key("compile", str(seq)) for seq in islice(uploads, fan)]


def _events_of(world: SeenWorld, seqs: Iterable[int], kind: str) -> dict[int, dict[str, Any]]:
    return {
        seq: event["payload"]
        for seq, event in sorted(events_at(world, seqs).items())
        if event.get("kind") == kind
    }


def _around_install(world: SeenWorld, seq: int) -> _Neighbours:
    row = Install.objects.filter(world_id=world.pk, seq=seq).first()
    if row is None:
        return _Neighbours([], [], 0)
    return _Neighbours([Key("artifact", row.wasm_hash)], [Key("module", row.module_id)], 0)


def _nodes(world: SeenWorld, keys: list[Key]) -> list[Node]:
    """Describe nodes, kind by kind, each by a query or two; what is not there is left out."""
    by_kind = {kind: [key.name for key in keys if key.kind == kind] for kind in KINDS}
    described = {
        **_sources(by_kind["source"]),
        **_compiles(world, list(map(int, by_kind["compile"]))),
        **_artifacts(world, by_kind["artifact"]),
        **_installs(world, list(map(int, by_kind["install"]))),
        **_modules(world, by_kind["module"]),
    }
    return [described[key] for key in keys if key in described]


def _node(
    key: Key, title: str, about: str, state: str = "", decision_id: str | None = None
) -> tuple[Key, Node]:
    return key, Node(key, title, about, state, decision_id, 0, 0)


def _sources(digests: list[str]) -> dict[Key, Node]:
    return dict(
        _node(Key("source", name), f"sources {name[:12]}", "a source package") for name in digests
    )


def _compiles(world: SeenWorld, seqs: list[int]) -> dict[Key, Node]:
    rows = CompileJob.objects.filter(world_id=world.pk, request_seq__in=seqs)
    nodes = dict(
        _node(
            Key("compile", str(row.request_seq)),
            f"compile {row.module_id}",
            f"event {row.request_seq} by {row.publisher_agent_id}, {row.toolchain}",
            JobState(row.state).value,
            row.decision_id,
        )
        for row in rows
    )
    uploads = [seq for seq in seqs if Key("compile", str(seq)) not in nodes]
    for seq, event in events_at(world, uploads).items():
        if event.get("kind") == "ModuleArtifactDeployed":
            about = f"event {seq} by {event['payload']['publisher_agent_id']}"
            key, node = _node(Key("compile", str(seq)), "upload", about, "", event["decision_id"])
            nodes[key] = node
    return nodes


def _artifacts(world: SeenWorld, hashes: list[str]) -> dict[Key, Node]:
    rows = Artifact.objects.filter(world_id=world.pk, wasm_hash__in=hashes)
    return dict(
        _node(
            Key("artifact", row.wasm_hash),
            f"artifact {row.wasm_hash[:12]}",
            f"{row.bytes_len} bytes by {row.publisher_agent_id}",
        )
        for row in rows
    )


def _installs(world: SeenWorld, seqs: list[int]) -> dict[Key, Node]:
    rows = list(Install.objects.filter(world_id=world.pk, seq__in=seqs))
    decisions = events_at(world, (row.seq for row in rows))
    bound = InstalledModule.objects.filter(
        world_id=world.pk, module_id__in={row.module_id for row in rows}
    )
    in_force = set(bound.values_list("installed_seq", flat=True))
    return dict(
        _node(
            Key("install", str(row.seq)),
            f"install {row.module_version}",
            f"event {row.seq} by {row.installer_agent_id}",
            "replaced" if row.seq not in in_force else "active" if row.active else "inactive",
            decisions[row.seq].get("decision_id"),
        )
        for row in rows
    )


def _modules(world: SeenWorld, module_ids: list[str]) -> dict[Key, Node]:
    rows = InstalledModule.objects.filter(world_id=world.pk, module_id__in=module_ids)
    return dict(
        _node(Key("module", row.module_id), f"module {row.module_id}", f"now {row.module_version}")
        for row in rows
    )


def newest_key(world: SeenWorld) -> Key | None:
    """Give what was installed or published last; `None` in a world that holds neither."""
    artifact = Artifact.objects.filter(world_id=world.pk).order_by("-deployed_seq").first()
    return None if artifact is None else Key("artifact", artifact.wasm_hash)


def key_of_event(world: SeenWorld, seq: int) -> Key | None:
    """Give the node that an event made; `None` where it made none."""
    stored = reading.read_events_at(world.pk, [seq])
    told = events_at(world, stored)[seq]
    match told.get("kind"):
        case "ModuleCompileRequested":
            return Key("compile", str(seq))
        case "ModuleArtifactDeployed":
            return Key("artifact", told["payload"]["wasm_hash"])
        case "ModuleInstalled":
            return Key("install", str(seq))
        case _:
            return None
