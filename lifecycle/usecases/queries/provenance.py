"""How an artifact came to be: the agent's text or turn, its decision, the compile, the bytes."""

from typing import NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.packages import decode_diagnostics
from lifecycle.content import store as content
from lifecycle.core.values import JsonObject
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.runs import AgentTurn
from lifecycle.usecases.queries.artifacts import Publication


class Turn(NamedTuple):
    """A turn of a model's run."""

    run_id: str
    number: int
    model: str


class Origin(NamedTuple):
    """A publication with what led to it; each is absent where there is none, or it is not kept."""

    publication: Publication
    channel: str | None
    account: str | None
    turn: Turn | None

    @property
    def request_seq(self) -> int | None:
        """Give the place of the compile request that it followed."""
        made = self.publication.provenance
        return None if made is None else int(made["request_seq"])


def origins_of(world: SeenWorld, publications: list[Publication]) -> list[Origin]:
    """Add to publications who decided them, by which channel, and in which turn of a model."""
    asked = [one.decision_id for one in publications if one.decision_id is not None]
    rows = Decision.objects.filter(world_id=world.pk, decision_id__in=asked)
    who = {row.decision_id: (row.channel, row.account) for row in rows}
    turns = _turns_of(world, asked)
    return [_origin(one, who, turns) for one in publications]


def _origin(
    one: Publication, who: dict[str, tuple[str, str | None]], turns: dict[str, Turn]
) -> Origin:
    channel, account = who.get(one.decision_id or "", (None, None))
    return Origin(one, channel, account, turns.get(one.decision_id or ""))


def _turns_of(world: SeenWorld, decision_ids: list[str]) -> dict[str, Turn]:
    rows = AgentTurn.objects.filter(decision_id__in=decision_ids, run__world_id=world.pk)
    columns = ("decision_id", "run__run_id", "number", "run__model")
    return {str(decision_id): Turn(*turn) for decision_id, *turn in rows.values_list(*columns)}


def remarks_of_compile(world: SeenWorld, publications: list[Publication]) -> list[JsonObject]:
    """Give what the compiler remarked on the sources of the first compile that gave the bytes."""
    made = next((one.provenance for one in publications if one.provenance is not None), None)
    if made is None:
        return []
    jobs = CompileJob.objects.filter(world_id=world.pk, request_seq=made["request_seq"])
    digest = jobs.values_list("diagnostics_digest", flat=True).first()
    if digest is None:
        return []
    try:
        return decode_diagnostics(content.get(digest))
    except content.ContentError:
        return []
