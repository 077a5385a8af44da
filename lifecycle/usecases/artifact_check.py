"""Prove one artifact: its events, their links, its bytes and sources, and the rows that show it.

It does not read the rest of the journal; checking a whole world is `verify`'s.
"""

import time
from typing import Final, NamedTuple

from lifecycle.codec.events import GENESIS_HASH
from lifecycle.content import store as content
from lifecycle.core.events import ModuleArtifactDeployed, Recorded
from lifecycle.journal import reading
from lifecycle.journal import store as journal
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import Head
from lifecycle.models.projections import Artifact, Publication
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.verify import Fault, Report, keep_finding

CHECKS: Final = ("events", "content", "projections")


class _Deployed(NamedTuple):
    recorded: Recorded
    event: ModuleArtifactDeployed


def verify_artifact(slug: str, wasm_hash: str) -> Report:
    """Check one artifact of a world, as of one moment.

    Raises:
        WorldNotFoundError: no such world.
    """
    started, checked_at = time.monotonic(), utc_now()
    with reading.read_snapshot():
        head = journal.get_head(slug)
        seqs = _places(head, wasm_hash)
        found, fault, differ = _check(head, wasm_hash, seqs)
    report = Report(
        world=slug,
        from_seq=min(seqs, default=0),
        to_seq=max(seqs, default=0),
        head_seq=head.seq,
        head_hash=head.hash,
        checks=CHECKS,
        events_checked=found,
        fault=fault,
        state_digest=None,
        projections_match=None if fault is not None else not differ,
        projections_differ=differ,
        checked_at=checked_at,
        duration_ms=round((time.monotonic() - started) * 1000),
    )
    keep_finding(report)
    return report


def _places(head: Head, wasm_hash: str) -> list[int]:
    """Give where events tell of the artifact, and where the tables say that some do."""
    rows = Publication.objects.filter(world_id=head.world_pk, wasm_hash=wasm_hash)
    shown = set(rows.values_list("seq", flat=True))
    return sorted(shown.union(reading.places_of_deployments(head.world_pk, wasm_hash)))


def _check(
    head: Head, wasm_hash: str, seqs: list[int]
) -> tuple[int, Fault | None, tuple[str, ...]]:
    deployed: list[_Deployed] = []
    try:
        for seq in seqs:
            deployed.append(_deployed_at(head, seq, wasm_hash))
            _require_content(deployed[-1])
    except JournalBrokenError as error:
        return len(deployed), Fault(error.seq, error.code, error.reason), ()
    return len(deployed), None, _differing(head, wasm_hash, deployed)


def _deployed_at(head: Head, seq: int, wasm_hash: str) -> _Deployed:
    """Check one event, that it follows the one before it, and that the next one follows it."""
    before = reading.find_event(head.world_pk, seq - 1)
    if before is None and seq > 1:
        raise JournalBrokenError(seq - 1, "missing", "the event is missing")
    checked = reading.stream_checked(
        head.world_pk,
        after=seq - 1,
        after_hash=GENESIS_HASH if before is None else before.hash,
        to=min(seq + 1, head.seq),
    )
    recorded = next(checked, None)
    if recorded is None:
        raise JournalBrokenError(seq, "missing", "the event is missing")
    for _ in checked:
        pass
    event = recorded.event
    if not isinstance(event, ModuleArtifactDeployed) or event.wasm_hash != wasm_hash:
        raise JournalBrokenError(seq, "artifact_unknown", "the event does not tell of the artifact")
    return _Deployed(recorded, event)


def _require_content(deployed: _Deployed) -> None:
    event, seq = deployed.event, deployed.recorded.seq
    size = content.measure(event.wasm_hash)
    if size is None:
        raise JournalBrokenError(seq, "content_missing", "its bytes are missing or altered")
    if size != event.bytes_len:
        raise JournalBrokenError(seq, "length_mismatch", "its bytes have another length")
    if event.provenance is not None and content.measure(event.provenance.source_digest) is None:
        raise JournalBrokenError(seq, "content_missing", "its sources are missing or altered")


def _differing(head: Head, wasm_hash: str, deployed: list[_Deployed]) -> tuple[str, ...]:
    """Name the tables whose rows on the artifact are not what its events give."""
    artifacts = Artifact.objects.filter(world_id=head.world_pk, wasm_hash=wasm_hash).values_list(
        "publisher_agent_id", "bytes_len", "module_id_hint", "deployed_at_tick", "deployed_seq"
    )
    owners = Publication.objects.filter(world_id=head.world_pk, wasm_hash=wasm_hash)
    first = deployed[:1]
    true_artifacts = [
        (
            one.event.publisher_agent_id,
            one.event.bytes_len,
            one.event.module_id_hint,
            one.recorded.tick,
            one.recorded.seq,
        )
        for one in first
    ]
    true_owners: dict[str, tuple[int, int]] = {}
    for one in deployed:
        place = (one.recorded.seq, one.recorded.tick)
        true_owners.setdefault(one.event.publisher_agent_id, place)
    shown = {
        agent: (seq, tick) for agent, seq, tick in owners.values_list("agent_id", "seq", "tick")
    }
    differ = {"artifacts": list(artifacts) != true_artifacts, "owners": shown != true_owners}
    return tuple(name for name, is_other in differ.items() if is_other)
