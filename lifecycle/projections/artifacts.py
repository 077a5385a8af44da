"""Artifacts and who owns them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from lifecycle.core.events import ModuleArtifactDeployed, Recorded
from lifecycle.models.projections import Artifact, ModuleVersion, Publication


def project_deployment(world_pk: int, recorded: Recorded, event: ModuleArtifactDeployed) -> None:
    """Register bytes under their hash, and the publisher as one of their owners."""
    Artifact.objects.get_or_create(
        world_id=world_pk,
        wasm_hash=event.wasm_hash,
        defaults={
            "publisher_agent_id": event.publisher_agent_id,
            "bytes_len": event.bytes_len,
            "module_id_hint": event.module_id_hint,
            "deployed_at_tick": recorded.tick,
            "deployed_seq": recorded.seq,
        },
    )
    Publication.objects.get_or_create(
        world_id=world_pk,
        wasm_hash=event.wasm_hash,
        agent_id=event.publisher_agent_id,
        defaults={"seq": recorded.seq, "tick": recorded.tick},
    )


class OwnedArtifact(NamedTuple):
    """An artifact's row and its owners' ids, the first publisher first."""

    artifact: Artifact
    owners: tuple[str, ...]


def artifacts_of(world_pk: int, module_id: str | None = None) -> "QuerySet[Artifact]":
    """Give a world's artifacts, newest first.

    A module id matches the artifacts deployed under it, and those that an install of that module
    has used.
    """
    artifacts = Artifact.objects.filter(world_id=world_pk).order_by("-deployed_seq")
    if module_id is None:
        return artifacts
    installs = ModuleVersion.objects.filter(world_id=world_pk, module_id=module_id)
    hinted = Artifact.objects.filter(world_id=world_pk, module_id_hint=module_id)
    # A union of two look-ups by index; an OR would read every artifact of the world.
    matching = hinted.order_by().values("wasm_hash").union(installs.order_by().values("wasm_hash"))
    return artifacts.filter(wasm_hash__in=matching)


def find_artifact(world_pk: int, wasm_hash: str) -> OwnedArtifact | None:
    """Give one artifact with its owners."""
    artifact = Artifact.objects.filter(world_id=world_pk, wasm_hash=wasm_hash).first()
    return None if artifact is None else with_owners(world_pk, [artifact])[0]


def with_owners(world_pk: int, artifacts: Iterable[Artifact]) -> list[OwnedArtifact]:
    """Add the owners to some artifacts, by one query."""
    listed = list(artifacts)
    hashes = [artifact.wasm_hash for artifact in listed]
    rows = Publication.objects.filter(world_id=world_pk, wasm_hash__in=hashes).order_by("seq")
    owners: dict[str, list[str]] = {}
    for wasm_hash, agent_id in rows.values_list("wasm_hash", "agent_id"):
        owners.setdefault(wasm_hash, []).append(agent_id)
    return [
        OwnedArtifact(artifact, tuple(owners.get(artifact.wasm_hash, ()))) for artifact in listed
    ]


def publications_of(world_pk: int, wasm_hash: str) -> list[Publication]:
    """Give an artifact's publications in the order of the journal."""
    rows = Publication.objects.filter(world_id=world_pk, wasm_hash=wasm_hash)
    return list(rows.order_by("seq"))


def owned_by(world_pk: int, agent_id: str) -> "QuerySet[Publication]":
    """Give what an agent published, the last first."""
    return Publication.objects.filter(world_id=world_pk, agent_id=agent_id).order_by("-seq")
