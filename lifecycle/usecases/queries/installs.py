"""Installs as they were recorded, now in force or not."""

from typing import NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.models.projections import Install, InstalledModule
from lifecycle.projections.modules import installs_by_artifact
from lifecycle.usecases.queries.pages import Page, page_of


class InstallRow(NamedTuple):
    """An install. `in_force`: its module id is bound by it now; a later one took its place else."""

    seq: int
    tick: int
    module_id: str
    module_version: str
    wasm_hash: str
    installer_agent_id: str
    active: bool
    in_force: bool


def installs_of_artifact(world: SeenWorld, wasm_hash: str, *, limit: int) -> Page[InstallRow]:
    """Give the installs of an artifact, the last first."""
    return _page(world, list(installs_by_artifact(world.pk, wasm_hash)[: limit + 1]), limit)


def _page(world: SeenWorld, rows: list[Install], limit: int) -> Page[InstallRow]:
    bound = InstalledModule.objects.filter(
        world_id=world.pk, module_id__in={row.module_id for row in rows}
    )
    in_force = set(bound.values_list("installed_seq", flat=True))
    return page_of(rows, limit, lambda row: row.seq).map(
        lambda row: InstallRow(
            seq=row.seq,
            tick=row.tick,
            module_id=row.module_id,
            module_version=row.module_version,
            wasm_hash=row.wasm_hash,
            installer_agent_id=row.installer_agent_id,
            active=row.active,
            in_force=row.seq in in_force,
        )
    )
