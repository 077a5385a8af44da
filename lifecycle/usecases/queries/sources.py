"""Source packages as they were compiled, and who asked a world to compile them."""

from typing import Final

import msgspec

from lifecycle.access.callers import SeenWorld
from lifecycle.codec.packages import decode_package
from lifecycle.content import store as content
from lifecycle.core.source_package import SourcePackage
from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.queries.documents import Document

_MOST_LISTED: Final = 256


def find_package(digest: str) -> SourcePackage | None:
    """Give a stored source package; `None` where it is not kept or was altered."""
    try:
        return decode_package(content.get(digest))
    except (content.ContentError, msgspec.MsgspecError):
        return None


def source_document(world: SeenWorld, digest: str) -> Document | None:
    """Give a source package that a compile of this world was asked for, as it was compiled.

    Raises:
        ContentError: the stored package is missing or was altered.
    """
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
