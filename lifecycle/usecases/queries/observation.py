"""The tool `world_observation`: the world as one agent stands in it.

Every list is cut, so that the answer costs the same in a large world; totals say what was cut.
"""

from typing import Final

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import AgentId
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.models.projections import Agent, Artifact, InstalledModule, Location
from lifecycle.projections.artifacts import owned_by
from lifecycle.usecases.queries.compiles import compiles_of_agent
from lifecycle.usecases.queries.decisions import decisions_page
from lifecycle.usecases.queries.documents import Document

_MOST_SEEN: Final = 32
_MOST_OWN: Final = 16
_MOST_RESULTS: Final = 5


def world_observation(world: SeenWorld, agent_id: AgentId) -> Document:
    """Tell an agent where it is, whom and what it sees, what is its own, and how it fared.

    What changes with every event comes last: a prompt then shares its beginning with the next one.

    Raises:
        WorldNotFoundError: no such world.
    """
    with reading.read_snapshot():
        head = journal.get_head(world.slug)
        return {
            "world": world.slug,
            "agent_id": agent_id,
            **_place(world, agent_id),
            **_artifacts(world, agent_id),
            **_modules(world, agent_id),
            "own_compiles": [row.document() for row in compiles_of_agent(world, agent_id)],
            "last_results": _last_results(world, agent_id),
            "head_seq": head.seq,
            "tick": head.tick,
        }


def _place(world: SeenWorld, agent_id: AgentId) -> Document:
    me = Agent.objects.filter(world_id=world.pk, agent_id=agent_id).first()
    here = None if me is None else me.location_id
    others = Agent.objects.filter(world_id=world.pk).exclude(agent_id=agent_id)
    beside = others.filter(location_id=here).order_by("agent_id")
    places = Location.objects.filter(world_id=world.pk).order_by("location_id")
    return {
        "locations": list(places.values_list("location_id", flat=True)[:_MOST_SEEN]),
        "locations_total": places.count(),
        "location_id": here,
        "agents_here": list(beside.values_list("agent_id", flat=True)[:_MOST_SEEN]),
        "agents_here_total": beside.count(),
        "other_agents_total": others.count(),
    }


def _artifacts(world: SeenWorld, agent_id: AgentId) -> Document:
    publications = owned_by(world.pk, agent_id)
    hashes = list(publications.values_list("wasm_hash", flat=True)[:_MOST_OWN])
    rows = Artifact.objects.filter(world_id=world.pk, wasm_hash__in=hashes)
    known = {row.wasm_hash: row for row in rows}
    return {
        "own_artifacts": [
            {
                "wasm_hash": row.wasm_hash,
                "module_id_hint": row.module_id_hint,
                "bytes_len": row.bytes_len,
                "deployed_at_tick": row.deployed_at_tick,
            }
            for row in (known[wasm_hash] for wasm_hash in hashes if wasm_hash in known)
        ],
        "own_artifacts_total": publications.count(),
    }


def _modules(world: SeenWorld, agent_id: AgentId) -> Document:
    installs = InstalledModule.objects.filter(world_id=world.pk, installer_agent_id=agent_id)
    shown = ("module_id", "module_version", "wasm_hash", "active", "installed_at_tick")
    return {
        "own_modules": list(installs.order_by("-installed_seq").values(*shown)[:_MOST_OWN]),
        "own_modules_total": installs.count(),
    }


def _last_results(world: SeenWorld, agent_id: AgentId) -> list[Document]:
    page = decisions_page(world, agent_id=agent_id, limit=_MOST_RESULTS)
    return [result_document(decision) for decision in page.rows]


def result_document(decision: Document) -> Document:
    """Give what an agent needs to know of a decision that it made."""
    rejection = decision["rejection"]
    if rejection is not None:
        rejection = {key: rejection[key] for key in ("code", "field", "message", "hint")}
    return {
        "id": decision["id"],
        "decision": decision["decision"],
        "status": decision["status"],
        "events": [{"seq": event["seq"], "kind": event["kind"]} for event in decision["events"]],
        "rejection": rejection,
        "diagnostics": decision["diagnostics"],
    }
