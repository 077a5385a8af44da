"""One artifact with all that is known of it, its bytes, and the source packages of a world.

Lists of artifacts are in `browse`.
"""

from typing import Any, Final

import orjson

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.packages import decode_package
from lifecycle.content import store as content
from lifecycle.journal.reading import find_event
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import ModuleVersion, Publication
from lifecycle.projections.artifacts import find_artifact, publications_of
from lifecycle.projections.modules import modules_using
from lifecycle.usecases.inspections import find_inspection
from lifecycle.usecases.queries.browse import artifact_summary, module_document
from lifecycle.usecases.queries.documents import Document

_MOST_LISTED: Final = 256


def artifact_document(world: SeenWorld, wasm_hash: str) -> Document | None:
    """Give an artifact: who published it from what, what it holds, where it is installed.

    Publications and installs are the first 256; their totals are given beside them.
    """
    found = find_artifact(world.pk, wasm_hash)
    if found is None:
        return None
    publications = publications_of(world.pk, wasm_hash)
    installs = modules_using(world.pk, wasm_hash).order_by("-installed_seq")
    versions = ModuleVersion.objects.filter(world_id=world.pk, wasm_hash=wasm_hash)
    return {
        **artifact_summary(found),
        "publications_total": len(publications),
        "publications": [_publication(world.pk, row) for row in publications[:_MOST_LISTED]],
        "installed_modules_total": installs.count(),
        "installed_modules": [module_document(row) for row in installs[:_MOST_LISTED]],
        "module_versions": [
            {"module_id": module_id, "module_version": version}
            for module_id, version in versions.order_by("-id").values_list(
                "module_id", "module_version"
            )[:_MOST_LISTED]
        ],
        "inspection": find_inspection(wasm_hash),
    }


def _publication(world_pk: int, row: Publication) -> Document:
    event = find_event(world_pk, row.seq)
    body: dict[str, Any] = {} if event is None else orjson.loads(event.body)
    return {
        "agent_id": row.agent_id,
        "seq": row.seq,
        "tick": row.tick,
        "decision_id": body.get("decision_id"),
        "recorded_at": body.get("recorded_at"),
        "provenance": body.get("payload", {}).get("provenance"),
    }


def find_wasm(world: SeenWorld, wasm_hash: str) -> bytes | None:
    """Give an artifact's bytes, checked against their hash."""
    if find_artifact(world.pk, wasm_hash) is None:
        return None
    return content.get(wasm_hash)


def source_document(world: SeenWorld, digest: str) -> Document | None:
    """Give a source package that a compile of this world was asked for, as it was compiled."""
    requests = CompileJob.objects.filter(world_id=world.pk, source_digest=digest)
    listed = list(requests.order_by("request_seq")[:_MOST_LISTED])
    if not listed:
        return None
    package = decode_package(content.get(digest))
    return {
        "source_digest": digest,
        "manifest_path": package.manifest_path,
        "files": dict(sorted(package.files.items())),
        "bytes_len": package.size_bytes,
        "requests": [_request(job) for job in listed],
    }


def _request(job: CompileJob) -> Document:
    return {
        "seq": job.request_seq,
        "decision_id": job.decision_id,
        "publisher_agent_id": job.publisher_agent_id,
        "module_id": job.module_id,
        "state": job.state,
        "wasm_hash": job.wasm_hash,
    }
