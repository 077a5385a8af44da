"""Installed modules and the versions they were installed under."""

from django.db.models import QuerySet

from lifecycle.core.events import ModuleInstalled, Recorded
from lifecycle.models.projections import Install, InstalledModule, ModuleVersion


def project_install(world_pk: int, recorded: Recorded, event: ModuleInstalled) -> None:
    """Bind a module id to an artifact, over what it was bound to before."""
    InstalledModule.objects.update_or_create(
        world_id=world_pk,
        module_id=event.module_id,
        defaults={
            "module_version": event.module_version,
            "wasm_hash": event.wasm_hash,
            "installer_agent_id": event.installer_agent_id,
            "install_target": event.install_target.type,
            "active": event.active,
            "installed_at_tick": recorded.tick,
            "installed_seq": recorded.seq,
        },
    )
    ModuleVersion.objects.update_or_create(
        world_id=world_pk,
        module_id=event.module_id,
        module_version=event.module_version,
        defaults={"wasm_hash": event.wasm_hash},
    )
    Install.objects.create(
        world_id=world_pk,
        seq=recorded.seq,
        tick=recorded.tick,
        module_id=event.module_id,
        module_version=event.module_version,
        wasm_hash=event.wasm_hash,
        installer_agent_id=event.installer_agent_id,
        active=event.active,
    )


def installs_by_artifact(world_pk: int, wasm_hash: str) -> "QuerySet[Install]":
    """Give every install of an artifact, the last first."""
    return Install.objects.filter(world_id=world_pk, wasm_hash=wasm_hash).order_by("-seq")


def installs_by_module(world_pk: int, module_id: str) -> "QuerySet[Install]":
    """Give every install under a module id, the last first."""
    return Install.objects.filter(world_id=world_pk, module_id=module_id).order_by("-seq")


def modules_of(world_pk: int, module_id: str | None = None) -> "QuerySet[InstalledModule]":
    """Give a world's installed modules, newest first, or the one with an id."""
    modules = InstalledModule.objects.filter(world_id=world_pk).order_by("-installed_seq")
    return modules if module_id is None else modules.filter(module_id=module_id)


def modules_using(world_pk: int, wasm_hash: str) -> "QuerySet[InstalledModule]":
    """Give the modules that an artifact is installed as now."""
    return InstalledModule.objects.filter(world_id=world_pk, wasm_hash=wasm_hash)
