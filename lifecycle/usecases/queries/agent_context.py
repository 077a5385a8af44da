"""What a model that acts for an agent is told of the world and of the agent's past, from records.

How a prompt is made of it is not said here.
"""

from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import AgentId
from lifecycle.core.values import JsonObject
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.usecases.queries.decisions import decisions_page
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.observation import result_document, world_observation
from lifecycle.usecases.queries.sources import find_package
from lifecycle.usecases.queries.status import StatusQuery, module_lifecycle_status

# At most so many turns are told. The oldest of them go in steps, so that one prompt begins as the
# one before it did.
_MOST_TURNS: Final = 16
_STEP: Final = 8
_MOST_LISTED: Final = 8
_REFUSAL: Final = ("code", "field", "message", "hint")


class AgentContext(NamedTuple):
    """What the agent sees, its decisions so far (the oldest first), and what it should know."""

    observation: Document
    history: tuple[JsonObject, ...]
    memory: tuple[JsonObject, ...]


def agent_context(world: SeenWorld, agent_id: AgentId, *, with_status: bool) -> AgentContext:
    """Give all that a turn's prompt tells.

    Args:
        world: The world.
        agent_id: Who decides.
        with_status: Whether to tell unasked what the status query answers: for models that cannot
            ask.

    Raises:
        WorldNotFoundError: no such world.
    """
    observation = world_observation(world, agent_id)
    if with_status:
        observation = {**_status(world), **observation}
    decisions = decisions_page(world, agent_id=agent_id, limit=_turns_told(world, agent_id)).rows
    history = tuple(_turn(decision) for decision in reversed(decisions))
    return AgentContext(observation, history, _memory(world, agent_id))


def _status(world: SeenWorld) -> Document:
    asked = StatusQuery(None, _MOST_LISTED, _MOST_LISTED, None)
    status = module_lifecycle_status(world, asked)
    kept = ("artifacts", "installed_modules")
    # What a binary may hold is for those who send one, is long, and stands in the guide.
    limits = {key: value for key, value in status["limits"].items() if key != "wasm"}
    return {"limits": limits, **{key: status[key] for key in kept if key in status}}


def _turns_told(world: SeenWorld, agent_id: AgentId) -> int:
    taken = Decision.objects.filter(world_id=world.pk, agent_id=agent_id).count()
    left_out = -(-max(0, taken - _MOST_TURNS) // _STEP) * _STEP
    return taken - left_out or 1


def _turn(decision: Document) -> JsonObject:
    shown = result_document(decision)
    del shown["diagnostics"]
    return shown


def _memory(world: SeenWorld, agent_id: AgentId) -> tuple[JsonObject, ...]:
    """Give the sources of the agent's newest compile where it failed: it must mend these."""
    jobs = CompileJob.objects.filter(world_id=world.pk, publisher_agent_id=agent_id)
    newest = jobs.order_by("-request_seq").first()
    if newest is None or newest.state != JobState.FAILED:
        return ()
    package = find_package(newest.source_digest)
    if package is None:
        return ()
    note = "the compile of these sources failed; its diagnostics are in last_results"
    return (
        {
            "note": note,
            "decision_id": newest.decision_id,
            "module_id": newest.module_id,
            "manifest_path": package.manifest_path,
            "source_files": dict(package.files),
        },
    )


def last_decision(world: SeenWorld, agent_id: AgentId) -> Document | None:
    """Give an agent's newest decision: what it said, and code, field, sentence, hint if refused."""
    rows = Decision.objects.filter(world_id=world.pk, agent_id=agent_id)
    if not rows.exists():
        return None
    [decision] = decisions_page(world, agent_id=agent_id, limit=1).rows
    refusal = decision["rejection"]
    return {
        "decision": decision["decision"],
        "refusal": None if refusal is None else {key: refusal[key] for key in _REFUSAL},
    }
