"""Fills a world with decisions of every kind, through the journal's own append, and its tables.

Of ten decisions one compiles, one installs what came of it, one is refused, the others wait. The
rows of the projections are written in bulk; `bench.pages` verifies that they are what the journal
gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import service

BATCH = 2000
_CYCLE = 10
_WASM = b"\0asm\1\0\0\0"
_MODULES = 500


@dataclass
class _Batch:
    """Events that are to be appended together, and the rows that follow from them."""

    seq: int
    tick: int
    recorded: list[Any] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    contents: list[Any] = field(default_factory=list)


class Crowd:
    """Makes decisions of one agent in one world."""

    def __init__(self, slug: str) -> None:
        """Look up the world."""
        from lifecycle.core.events import Actor
        from lifecycle.core.ids import AgentId
        from lifecycle.journal.store import get_head

        self._slug = slug
        self._world_pk = get_head(slug).world_pk
        self._agent = AgentId(service.AGENT)
        self._actor = Actor(None, self._agent, "api")

    def fill(self, decisions: int) -> None:
        """Add so many decisions."""
        from django.db import transaction

        from lifecycle.journal import store

        for start in range(0, decisions, BATCH):
            with transaction.atomic():
                head = store.lock_head(self._slug)
                batch = _Batch(head.seq, head.tick)
                for number in range(start, min(start + BATCH, decisions)):
                    self._decide(batch, number)
                store.append(head, batch.recorded)
                _write(batch)
        self._bind_modules()

    def _decide(self, batch: _Batch, number: int) -> None:
        match number % _CYCLE:
            case 0:
                self._compile(batch, number)
            case 1:
                self._install(batch, number - 1)
            case 2:
                self._refuse(batch)
            case _:
                self._wait(batch)

    def _add(self, batch: _Batch, event: Any, decision_id: Any, ticks: int = 1) -> int:  # noqa: ANN401 - an event and an id
        from lifecycle.core.events import Recorded
        from lifecycle.usecases.clock import utc_now, utc_text

        batch.seq, batch.tick = batch.seq + 1, batch.tick + ticks
        moment = utc_text(utc_now())
        batch.recorded.append(
            Recorded(batch.seq, batch.tick, event, decision_id, self._actor, moment)
        )
        return batch.seq

    def _decision(self, batch: _Batch, asked: dict[str, Any], seq: int, **more: Any) -> None:  # noqa: ANN401 - columns
        import json

        from lifecycle.models.decisions import Decision, DecisionStatus

        recorded = batch.recorded[-1]
        batch.rows.append(
            Decision(
                world_id=self._world_pk,
                decision_id=recorded.decision_id,
                agent_id=self._agent,
                channel="api",
                submitted_at=recorded.recorded_at,
                body_digest="0" * 64,
                kind=asked["decision"],
                arguments=json.dumps(asked),
                repairs="[]",
                first_seq=seq,
                last_seq=seq,
                **{"status": DecisionStatus.APPLIED, **more},
            )
        )

    def _wait(self, batch: _Batch) -> None:
        from lifecycle.core.events import AgentWaited
        from lifecycle.usecases.clock import new_decision_id

        seq = self._add(batch, AgentWaited(self._agent, 1), new_decision_id())
        self._decision(batch, {"decision": "wait", "ticks": 1}, seq)

    def _refuse(self, batch: _Batch) -> None:
        import msgspec

        from lifecycle.core.events import ActionRejected, RejectionRecord
        from lifecycle.models.decisions import DecisionStatus
        from lifecycle.usecases.clock import new_decision_id

        asked = {"decision": "move_agent", "to": "nowhere"}
        refusal = RejectionRecord("location_not_found", "to", {"location_id": "nowhere"})
        seq = self._add(batch, ActionRejected(asked, refusal, None), new_decision_id(), ticks=0)
        self._decision(
            batch,
            asked,
            seq,
            status=DecisionStatus.REJECTED,
            rejection=msgspec.json.encode(refusal).decode(),
        )

    def _compile(self, batch: _Batch, number: int) -> None:
        from lifecycle.codec.canonical import digest_of
        from lifecycle.codec.packages import encode_package
        from lifecycle.content.store import prepare
        from lifecycle.core import events
        from lifecycle.core.ids import Digest, ModuleId, WasmHash
        from lifecycle.core.source_package import SourcePackage
        from lifecycle.usecases.clock import new_decision_id

        source = prepare(encode_package(SourcePackage("a.wat", {"a.wat": f"(module) ;; {number}"})))
        wasm = wasm_of(number)
        batch.contents += [source, prepare(wasm)]
        module_id = ModuleId(module_of(number))
        decision_id, digest = new_decision_id(), Digest(source.digest)
        request = self._add(
            batch,
            events.ModuleCompileRequested(
                self._agent, module_id, "a.wat", "wat", digest, source.size_bytes, 1
            ),
            decision_id,
        )
        made = events.Provenance(request, digest, "wat", "50.0.1", Digest("0" * 64), ())
        wasm_hash = WasmHash(digest_of(wasm))
        deployed = self._add(
            batch,
            events.ModuleArtifactDeployed(self._agent, wasm_hash, len(wasm), module_id, made),
            decision_id,
        )
        asked = {
            "decision": "compile_module_artifact_from_source",
            "module_id": module_id,
            "manifest_path": "a.wat",
            "source_files": {"digest": digest, "file_count": 1},
        }
        self._decision(batch, asked, request, outcome_seq=deployed)
        batch.rows += self._rows_of_compile(batch, request, (digest, wasm_hash, len(wasm)), number)

    def _rows_of_compile(
        self, batch: _Batch, request: int, made: tuple[str, str, int], number: int
    ) -> Sequence[Any]:
        from lifecycle.models.jobs import CompileJob, JobState
        from lifecycle.models.projections import Artifact, Publication
        from lifecycle.usecases.clock import utc_now

        digest, wasm_hash, bytes_len = made
        now, module_id = utc_now(), module_of(number)
        job = CompileJob(
            world_id=self._world_pk,
            request_seq=request,
            decision_id=batch.recorded[-1].decision_id,
            publisher_agent_id=self._agent,
            module_id=module_id,
            manifest_path="a.wat",
            toolchain="wat",
            source_digest=digest,
            state=JobState.SUCCEEDED,
            wasm_hash=wasm_hash,
            **dict.fromkeys(("requested_at", "enqueued_at", "started_at", "finished_at"), now),
        )
        artifact = Artifact(
            world_id=self._world_pk,
            wasm_hash=wasm_hash,
            publisher_agent_id=self._agent,
            bytes_len=bytes_len,
            module_id_hint=module_id,
            deployed_at_tick=batch.tick,
            deployed_seq=batch.seq,
        )
        publication = Publication(
            world_id=self._world_pk,
            wasm_hash=wasm_hash,
            agent_id=self._agent,
            seq=batch.seq,
            tick=batch.tick,
        )
        return job, artifact, publication

    def _install(self, batch: _Batch, number: int) -> None:
        from lifecycle.codec.canonical import digest_of
        from lifecycle.core.events import InstallTarget, ModuleInstalled
        from lifecycle.core.ids import ModuleId, WasmHash
        from lifecycle.models.projections import Install, ModuleVersion
        from lifecycle.usecases.clock import new_decision_id

        module_id, wasm_hash = ModuleId(module_of(number)), WasmHash(digest_of(wasm_of(number)))
        version = f"0.{number // _CYCLE // _MODULES}.0"
        target = InstallTarget("self_agent")
        event = ModuleInstalled(self._agent, module_id, version, wasm_hash, target, True, ())  # noqa: FBT003 - an event's field
        seq = self._add(batch, event, new_decision_id())
        asked = {
            "decision": "install_module_from_artifact",
            "module_id": module_id,
            "module_version": version,
            "wasm_hash": wasm_hash,
        }
        self._decision(batch, asked, seq)
        bound = {
            "world_id": self._world_pk,
            "module_id": module_id,
            "module_version": version,
            "wasm_hash": wasm_hash,
        }
        install = Install(
            seq=seq, tick=batch.tick, installer_agent_id=self._agent, active=True, **bound
        )
        batch.rows += [ModuleVersion(**bound), install]

    def _bind_modules(self) -> None:
        """Bind each module id to the last install of it."""
        from lifecycle.core.events import ModuleInstalled
        from lifecycle.journal.reading import stream_checked
        from lifecycle.models.projections import InstalledModule

        bound: dict[str, Any] = {}
        for recorded in stream_checked(self._world_pk):
            event = recorded.event
            if isinstance(event, ModuleInstalled):
                bound[event.module_id] = InstalledModule(
                    world_id=self._world_pk,
                    module_id=event.module_id,
                    module_version=event.module_version,
                    wasm_hash=event.wasm_hash,
                    installer_agent_id=event.installer_agent_id,
                    install_target=event.install_target.type,
                    active=event.active,
                    installed_at_tick=recorded.tick,
                    installed_seq=recorded.seq,
                )
        InstalledModule.objects.bulk_create(bound.values(), batch_size=500)


def module_of(number: int) -> str:
    """Name the module that a decision compiles."""
    return f"module-{number // _CYCLE % _MODULES}"


def wasm_of(number: int) -> bytes:
    """Give a module that no other number gives: its number is in a custom section."""
    named = f"{number:08d}".encode()
    return _WASM + bytes((0, 1 + len(named), len(named))) + named


def _write(batch: _Batch) -> None:
    from lifecycle.models.content import Content

    known = {prepared.digest: prepared for prepared in batch.contents}
    Content.objects.bulk_create(
        [Content(**prepared._asdict()) for prepared in known.values()], ignore_conflicts=True
    )
    by_table: dict[type, list[Any]] = {}
    for row in batch.rows:
        by_table.setdefault(type(row), []).append(row)
    for table, rows in by_table.items():
        table.objects.bulk_create(rows, batch_size=500)  # type: ignore[attr-defined] # every model
