"""Artifacts that another one is likely to be compared with: those of the same modules."""

from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.models.projections import Artifact, Install
from lifecycle.projections.modules import installs_by_artifact, installs_by_module
from lifecycle.usecases.queries.artifacts import ArtifactRow

_MOST_MODULES: Final = 5
_MOST_READ: Final = 100
_LISTED: Final = 20


class Relative(NamedTuple):
    """An artifact with the module it shares, and the place in the journal that binds it to that."""

    wasm_hash: str
    module_id: str
    module_version: str | None
    seq: int


def relatives_of(world: SeenWorld, artifact: ArtifactRow) -> list[Relative]:
    """Give other artifacts installed or deployed under the same module ids, the last first."""
    used = installs_by_artifact(world.pk, artifact.wasm_hash)[:_MOST_READ]
    modules = dict.fromkeys(row.module_id for row in used)
    if artifact.module_id_hint is not None:
        modules.setdefault(artifact.module_id_hint)
    found: dict[str, Relative] = {}
    for module_id in list(modules)[:_MOST_MODULES]:
        for relative in _of_module(world, module_id):
            if relative.wasm_hash != artifact.wasm_hash:
                found.setdefault(relative.wasm_hash, relative)
    return sorted(found.values(), key=lambda relative: -relative.seq)[:_LISTED]


def _of_module(world: SeenWorld, module_id: str) -> list[Relative]:
    installs: list[Install] = list(installs_by_module(world.pk, module_id)[:_MOST_READ])
    hinted = Artifact.objects.filter(world_id=world.pk, module_id_hint=module_id)
    return [
        *(Relative(row.wasm_hash, module_id, row.module_version, row.seq) for row in installs),
        *(
            Relative(row.wasm_hash, module_id, None, row.deployed_seq)
            for row in hinted.order_by("-deployed_seq")[:_LISTED]
        ),
    ]
