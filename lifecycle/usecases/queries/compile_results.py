"""The tool `compile_result`: how one compile stands, and what the compiler said."""

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import AgentId
from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.compiles import compile_row
from lifecycle.usecases.queries.decisions import get_decision
from lifecycle.usecases.queries.documents import Document


def compile_result(world: SeenWorld, agent_id: AgentId, decision_id: str | None = None) -> Document:
    """Tell how a compile of this world stands.

    Args:
        world: The world.
        agent_id: Who asks.
        decision_id: The compile's decision; the newest compile of who asks when absent.

    Raises:
        NotFoundError: the world has no such compile.
    """
    jobs = CompileJob.objects.filter(world_id=world.pk)
    if decision_id is None:
        job = jobs.filter(publisher_agent_id=agent_id).order_by("-request_seq").first()
    else:
        job = jobs.filter(decision_id=decision_id).first()
    if job is None:
        facts = {} if decision_id is None else {"received": decision_id[:80]}
        raise NotFoundError("decision_id", facts)
    decision = get_decision(world, job.decision_id)
    return {
        **compile_row(world, job).document(),
        "wasm_hash": job.wasm_hash,
        "rejection": decision["rejection"],
        "diagnostics": decision["diagnostics"],
    }
