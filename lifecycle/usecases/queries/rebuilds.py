"""Rebuilds of an artifact and what came out of them, the last asked for first."""

import json
from datetime import datetime
from typing import Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.core.events import RejectionRecord
from lifecycle.models.jobs import Rebuild, RebuildState
from lifecycle.usecases.queries.documents import Document, rejection_document

_LISTED: Final = 10


class RebuildRow(NamedTuple):
    """A rebuild; what came out of it is absent until it has ended."""

    account: str
    state: str
    outcome: str | None
    rebuilt_hash: str | None
    toolchain: str | None
    toolchain_version: str | None
    toolchain_digest: str | None
    toolchain_digest_then: str | None
    failure: Document | None
    duration_ms: int | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Say whether it has ended."""
        return self.state == RebuildState.FINISHED

    @property
    def toolchain_changed(self) -> bool:
        """Say whether another compiler was used than the first time."""
        return self.toolchain_digest != self.toolchain_digest_then


def rebuilds_of(world: SeenWorld, wasm_hash: str) -> list[RebuildRow]:
    """Give the last rebuilds of an artifact."""
    rows = Rebuild.objects.filter(world_id=world.pk, wasm_hash=wasm_hash).order_by("-id")
    return [_row(rebuild) for rebuild in rows[:_LISTED]]


def _row(rebuild: Rebuild) -> RebuildRow:
    return RebuildRow(
        account=rebuild.account,
        state=rebuild.state,
        outcome=rebuild.outcome,
        rebuilt_hash=rebuild.rebuilt_hash,
        toolchain=rebuild.toolchain,
        toolchain_version=rebuild.toolchain_version,
        toolchain_digest=rebuild.toolchain_digest,
        toolchain_digest_then=rebuild.toolchain_digest_then,
        failure=_failure_of(rebuild),
        duration_ms=rebuild.duration_ms,
        requested_at=rebuild.requested_at,
        started_at=rebuild.started_at,
        finished_at=rebuild.finished_at,
    )


def _failure_of(rebuild: Rebuild) -> Document | None:
    if rebuild.failure_code is None:
        return None
    facts = json.loads(rebuild.failure_facts or "{}")
    return rejection_document(RejectionRecord(rebuild.failure_code, None, facts))
