"""Installed modules: lists of them, newest first, and one by its id."""

from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.models.projections import InstalledModule
from lifecycle.projections.modules import modules_of, modules_using
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import events_at
from lifecycle.usecases.queries.pages import Page, page_of


class ModuleRow(NamedTuple):
    """An installed module, with its place in the journal.

    `flags` are those of the install that bound it, which only its event knows: see `with_flags`.
    """

    module_id: str
    module_version: str
    wasm_hash: str
    installer_agent_id: str
    install_target: str
    active: bool
    installed_at_tick: int
    installed_seq: int
    flags: tuple[str, ...] = ()

    def document(self) -> Document:
        """Give the module as the status reply lists it."""
        return {
            "module_id": self.module_id,
            "module_version": self.module_version,
            "wasm_hash": self.wasm_hash,
            "installer_agent_id": self.installer_agent_id,
            "install_target": {"type": self.install_target},
            "active": self.active,
            "installed_at_tick": self.installed_at_tick,
            "installed_seq": self.installed_seq,
        }


def modules_page(
    world: SeenWorld, *, module_id: str | None = None, before: int | None = None, limit: int
) -> Page[ModuleRow]:
    """Give installed modules, the last installed first."""
    rows = modules_of(world.pk, module_id)
    if before is not None:
        rows = rows.filter(installed_seq__lt=before)
    return page_of(_rows(rows[: limit + 1]), limit, lambda row: row.installed_seq)


def with_flags(world: SeenWorld, page: Page[ModuleRow]) -> Page[ModuleRow]:
    """Add to each module of a page what its install was flagged with."""
    events = events_at(world, (row.installed_seq for row in page.rows))
    return page.map(
        lambda row: row._replace(
            flags=tuple(events[row.installed_seq].get("payload", {}).get("flags", ()))
        )
    )


def find_module(world: SeenWorld, module_id: str) -> ModuleRow | None:
    """Give one installed module."""
    return next(iter(modules_page(world, module_id=module_id, limit=1).rows), None)


def installs_of(world: SeenWorld, wasm_hash: str, *, limit: int) -> tuple[list[ModuleRow], int]:
    """Give what an artifact is installed as now, the last installed first, and how often it is."""
    installs = modules_using(world.pk, wasm_hash).order_by("-installed_seq")
    return _rows(installs[:limit]), installs.count()


def _rows(modules: Iterable[InstalledModule]) -> list[ModuleRow]:
    return [
        ModuleRow(
            module_id=module.module_id,
            module_version=module.module_version,
            wasm_hash=module.wasm_hash,
            installer_agent_id=module.installer_agent_id,
            install_target=module.install_target,
            active=module.active,
            installed_at_tick=module.installed_at_tick,
            installed_seq=module.installed_seq,
        )
        for module in modules
    ]
