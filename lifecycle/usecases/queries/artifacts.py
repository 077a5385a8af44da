"""Artifacts: lists of them, newest first, one with all that is known of it, and its bytes."""

from typing import Any, Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.content import store as content
from lifecycle.core.source_package import SourcePackage
from lifecycle.models.projections import ModuleVersion
from lifecycle.projections.artifacts import (
    OwnedArtifact,
    artifacts_of,
    find_artifact,
    owned_by,
    publications_of,
    with_owners,
)
from lifecycle.projections.modules import modules_using
from lifecycle.usecases.inspections import find_inspection
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import events_at
from lifecycle.usecases.queries.modules import ModuleRow, installs_of
from lifecycle.usecases.queries.pages import Page, page_of
from lifecycle.usecases.queries.sources import find_package

_MOST_LISTED: Final = 256
MOST_INSTALLS_NAMED: Final = 3


class ArtifactRow(NamedTuple):
    """An artifact with its owners, and its place in the journal.

    `toolchain` made it, where one did; only its event knows that: see `with_toolchains`.
    `installed_as` names the first modules that are bound to it now: see `with_installs`.
    """

    wasm_hash: str
    publisher_agent_id: str
    owners: tuple[str, ...]
    module_id_hint: str | None
    bytes_len: int
    deployed_at_tick: int
    deployed_seq: int
    toolchain: str | None = None
    installed_as: tuple[str, ...] = ()

    def document(self) -> Document:
        """Give the artifact as the status reply lists it."""
        return {
            "wasm_hash": self.wasm_hash,
            "publisher_agent_id": self.publisher_agent_id,
            "owner_agent_ids": list(self.owners),
            "module_id_hint": self.module_id_hint,
            "bytes_len": self.bytes_len,
            "deployed_at_tick": self.deployed_at_tick,
            "deployed_seq": self.deployed_seq,
        }


class Publication(NamedTuple):
    """One agent's deployment of the bytes; what its event tells is absent where that is gone."""

    agent_id: str
    seq: int
    tick: int
    decision_id: str | None
    recorded_at: str | None
    provenance: Document | None


class ModuleVersionRow(NamedTuple):
    """A version of a module that was installed from these bytes."""

    module_id: str
    module_version: str


class ArtifactInFull(NamedTuple):
    """All that is known of an artifact; of what may be very many, the first, with the total.

    `inspection` is `None` for bytes that are not let in, or cannot be read; `sources` are those
    of the first publication that was compiled here.
    """

    artifact: ArtifactRow
    publications: list[Publication]
    publications_total: int
    installs: list[ModuleRow]
    installs_total: int
    versions: list[ModuleVersionRow]
    inspection: dict[str, Any] | None = None
    sources: SourcePackage | None = None

    def document(self) -> Document:
        """Give it as JSON, without the sources, which have an address of their own."""
        return {
            **self.artifact.document(),
            "publications_total": self.publications_total,
            "publications": [row._asdict() for row in self.publications],
            "installed_modules_total": self.installs_total,
            "installed_modules": [row.document() for row in self.installs],
            "module_versions": [row._asdict() for row in self.versions],
            "inspection": self.inspection,
        }


def artifacts_page(
    world: SeenWorld, *, module_id: str | None = None, before: int | None = None, limit: int
) -> Page[ArtifactRow]:
    """Give artifacts, newest first."""
    rows = artifacts_of(world.pk, module_id)
    if before is not None:
        rows = rows.filter(deployed_seq__lt=before)
    page = page_of(rows[: limit + 1], limit, lambda row: row.deployed_seq)
    return Page([_row(found) for found in with_owners(world.pk, page.rows)], page.next)


def newest_artifact_of(world: SeenWorld, agent_id: str) -> ArtifactRow | None:
    """Give what an agent published last; `None` where it published nothing."""
    newest = owned_by(world.pk, agent_id).first()
    found = None if newest is None else find_artifact(world.pk, newest.wasm_hash)
    return None if found is None else _row(found)


def _row(found: OwnedArtifact) -> ArtifactRow:
    return ArtifactRow(
        wasm_hash=found.artifact.wasm_hash,
        publisher_agent_id=found.artifact.publisher_agent_id,
        owners=found.owners,
        module_id_hint=found.artifact.module_id_hint,
        bytes_len=found.artifact.bytes_len,
        deployed_at_tick=found.artifact.deployed_at_tick,
        deployed_seq=found.artifact.deployed_seq,
    )


def with_toolchains(world: SeenWorld, page: Page[ArtifactRow]) -> Page[ArtifactRow]:
    """Add to each artifact of a page the toolchain that made it, where one did."""
    events = events_at(world, (row.deployed_seq for row in page.rows))
    provenances = {seq: _provenance_in(event) or {} for seq, event in events.items()}
    return page.map(
        lambda row: row._replace(toolchain=provenances.get(row.deployed_seq, {}).get("toolchain"))
    )


def with_installs(world: SeenWorld, page: Page[ArtifactRow]) -> Page[ArtifactRow]:
    """Add to each artifact of a page the first modules that it is installed as now."""
    return page.map(lambda row: row._replace(installed_as=_installed_as(world, row.wasm_hash)))


def _installed_as(world: SeenWorld, wasm_hash: str) -> tuple[str, ...]:
    # One look-up for each, since a common artifact may be installed ten thousand times.
    rows = modules_using(world.pk, wasm_hash).order_by("id")
    return tuple(rows.values_list("module_id", flat=True)[: MOST_INSTALLS_NAMED + 1])


def _provenance_in(event: Document) -> Document | None:
    provenance: Document | None = event.get("payload", {}).get("provenance")
    return provenance


def artifact_document(world: SeenWorld, wasm_hash: str) -> Document | None:
    """Give an artifact: who published it from what, what it holds, where it is installed.

    Raises:
        ContentError: the stored bytes are missing or were altered.
    """
    found = _find_in_full(world, wasm_hash)
    if found is None:
        return None
    return found._replace(inspection=find_inspection(wasm_hash)).document()


def find_artifact_in_full(world: SeenWorld, wasm_hash: str) -> ArtifactInFull | None:
    """Give an artifact with its sources, whether or not its bytes can still be read."""
    found = _find_in_full(world, wasm_hash)
    if found is None:
        return None
    sources = _sources_of(found.publications)
    return found._replace(inspection=_inspection_of_readable(wasm_hash), sources=sources)


def _find_in_full(world: SeenWorld, wasm_hash: str) -> ArtifactInFull | None:
    found = find_artifact(world.pk, wasm_hash)
    if found is None:
        return None
    publications, publications_total = _publications(world, wasm_hash)
    installs, installs_total = installs_of(world, wasm_hash, limit=_MOST_LISTED)
    return ArtifactInFull(
        artifact=_row(found),
        publications=publications,
        publications_total=publications_total,
        installs=installs,
        installs_total=installs_total,
        versions=_versions(world, wasm_hash),
    )


def _publications(world: SeenWorld, wasm_hash: str) -> tuple[list[Publication], int]:
    rows = publications_of(world.pk, wasm_hash)
    shown = rows[:_MOST_LISTED]
    events = events_at(world, (row.seq for row in shown))
    publications = [
        Publication(
            agent_id=row.agent_id,
            seq=row.seq,
            tick=row.tick,
            decision_id=events[row.seq].get("decision_id"),
            recorded_at=events[row.seq].get("recorded_at"),
            provenance=_provenance_in(events[row.seq]),
        )
        for row in shown
    ]
    return publications, len(rows)


def _versions(world: SeenWorld, wasm_hash: str) -> list[ModuleVersionRow]:
    versions = ModuleVersion.objects.filter(world_id=world.pk, wasm_hash=wasm_hash)
    rows = versions.order_by("-id").values_list("module_id", "module_version")
    return [ModuleVersionRow(*row) for row in rows[:_MOST_LISTED]]


def _inspection_of_readable(wasm_hash: str) -> dict[str, Any] | None:
    try:
        return find_inspection(wasm_hash)
    except content.ContentError:
        return None


def _sources_of(publications: list[Publication]) -> SourcePackage | None:
    """Give the sources of the first publication that was compiled here."""
    compiled = (one.provenance for one in publications if one.provenance is not None)
    first = next(compiled, None)
    return None if first is None else find_package(first["source_digest"])


def find_wasm(world: SeenWorld, wasm_hash: str) -> bytes | None:
    """Give the bytes of a world's artifact.

    Raises:
        ContentError: the stored bytes are missing or were altered.
    """
    return None if find_artifact(world.pk, wasm_hash) is None else content.get(wasm_hash)
