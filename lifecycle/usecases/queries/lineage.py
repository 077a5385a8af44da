"""Where an artifact came from and where it went: publications, provenance, sources, installs.

Nothing is written here, and nothing decided.
"""

from typing import Any, Final, NamedTuple

import msgspec

from lifecycle.codec.packages import decode_package
from lifecycle.content import store as content
from lifecycle.core.source_package import SourcePackage
from lifecycle.journal.reading import read_events_at
from lifecycle.models.decisions import Decision
from lifecycle.projections.artifacts import find_artifact, publications_of
from lifecycle.projections.modules import modules_using
from lifecycle.usecases.inspections import find_inspection
from lifecycle.usecases.queries.documents import Document, decision_document, event_document
from lifecycle.usecases.records import find_record

_MOST_SHOWN: Final = 50


class Publication(NamedTuple):
    """One agent's deployment of the bytes, by its event; `provenance` as the event has it."""

    agent_id: str
    seq: int
    tick: int
    decision_id: str | None
    recorded_at: str
    provenance: Document | None


class ArtifactPage(NamedTuple):
    """All that a page tells of one artifact; `inspection` is absent for bytes that are not read."""

    wasm_hash: str
    bytes_len: int
    module_id_hint: str | None
    publisher_agent_id: str
    deployed_at_tick: int
    owners: tuple[str, ...]
    publications: list[Publication]
    installed_as: list[str]
    inspection: dict[str, Any] | None
    sources: SourcePackage | None


def artifact_page(world_pk: int, wasm_hash: str) -> ArtifactPage | None:
    """Give one artifact of a world, or `None` where the world has none with this hash."""
    found = find_artifact(world_pk, wasm_hash)
    if found is None:
        return None
    artifact, publications = found.artifact, _publications(world_pk, wasm_hash)
    return ArtifactPage(
        wasm_hash=artifact.wasm_hash,
        bytes_len=artifact.bytes_len,
        module_id_hint=artifact.module_id_hint,
        publisher_agent_id=artifact.publisher_agent_id,
        deployed_at_tick=artifact.deployed_at_tick,
        owners=found.owners,
        publications=publications,
        installed_as=_installed_as(world_pk, wasm_hash),
        inspection=_inspection(wasm_hash),
        sources=_sources_of(publications),
    )


def _publications(world_pk: int, wasm_hash: str) -> list[Publication]:
    rows = publications_of(world_pk, wasm_hash)[:_MOST_SHOWN]
    events = read_events_at(world_pk, (row.seq for row in rows))
    documents = [event_document(events[row.seq]) for row in rows if row.seq in events]
    return [
        Publication(
            agent_id=event["payload"]["publisher_agent_id"],
            seq=event["seq"],
            tick=event["tick"],
            decision_id=event["decision_id"],
            recorded_at=event["recorded_at"],
            provenance=event["payload"].get("provenance"),
        )
        for event in documents
    ]


def _installed_as(world_pk: int, wasm_hash: str) -> list[str]:
    modules = modules_using(world_pk, wasm_hash).order_by("module_id")
    return list(modules.values_list("module_id", flat=True)[:_MOST_SHOWN])


def _inspection(wasm_hash: str) -> dict[str, Any] | None:
    try:
        return find_inspection(wasm_hash)
    except content.ContentError:
        return None


def _sources_of(publications: list[Publication]) -> SourcePackage | None:
    """Give the sources of the first publication that was compiled here."""
    compiled = (one.provenance for one in publications if one.provenance is not None)
    first = next(compiled, None)
    return None if first is None else find_sources(first["source_digest"])


def find_sources(digest: str) -> SourcePackage | None:
    """Give a stored source package; `None` where it is not kept or was altered."""
    try:
        return decode_package(content.get(digest))
    except (content.ContentError, msgspec.MsgspecError):
        return None


def find_wasm(world_pk: int, wasm_hash: str) -> bytes | None:
    """Give the bytes of a world's artifact.

    Raises:
        ContentError: the stored bytes are missing or were altered.
    """
    return None if find_artifact(world_pk, wasm_hash) is None else content.get(wasm_hash)


class DecisionPage(NamedTuple):
    """A decision as its document, with what only its own page shows."""

    document: Document
    raw_reply: str | None
    sources: SourcePackage | None


def decision_page(world_pk: int, slug: str, decision_id: str) -> DecisionPage | None:
    """Give one decision of a world, or `None` where the world has none with this id."""
    record = find_record(world_pk, decision_id)
    if record is None:
        return None
    document = decision_document(slug, record)
    return DecisionPage(document, record.raw_reply, _sources_asked(record, document))


def _sources_asked(record: Decision, document: Document) -> SourcePackage | None:
    # A refused request stores no sources; only one that reached the workers has them.
    if record.kind != "compile_module_artifact_from_source" or record.first_seq is None:
        return None
    for event in document["events"]:
        if event["kind"] == "ModuleCompileRequested":
            return find_sources(event["payload"]["source_digest"])
    return None
