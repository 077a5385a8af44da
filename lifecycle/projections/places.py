"""Where in the journal rows come from: what projections hold besides the state of the world.

The rules never look at these, lists and pages do; `verify` compares them with the journal.
"""

from typing import Final

from lifecycle.core.events import (
    ActionRejected,
    ModuleArtifactDeployed,
    ModuleInstalled,
    Recorded,
)
from lifecycle.core.values import JsonValue
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.projections import Artifact, Install, InstalledModule, Publication

_INSTALL: Final = (
    *("tick", "module_id", "module_version", "wasm_hash"),
    *("installer_agent_id", "active"),
)


class Places:
    """The places of artifacts, publications and installs, and how compiles ended."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.artifacts: dict[str, JsonValue] = {}
        self.publications: dict[str, JsonValue] = {}
        self.modules: dict[str, JsonValue] = {}
        self.installs: dict[str, JsonValue] = {}
        self.compiles: dict[str, JsonValue] = {}

    def follow(self, recorded: Recorded) -> None:
        """Take one event in."""
        match event := recorded.event:
            case ModuleArtifactDeployed():
                publication = f"{event.wasm_hash} {event.publisher_agent_id}"
                self.artifacts.setdefault(event.wasm_hash, recorded.seq)
                self.publications.setdefault(publication, [recorded.seq, recorded.tick])
                if event.provenance is not None:
                    self.compiles[str(event.provenance.request_seq)] = event.wasm_hash
            case ModuleInstalled():
                self.modules[event.module_id] = recorded.seq
                self.installs[str(recorded.seq)] = [
                    *(recorded.tick, event.module_id, event.module_version, event.wasm_hash),
                    *(event.installer_agent_id, event.active),
                ]
            case ActionRejected(request_seq=int(request_seq)):
                self.compiles[str(request_seq)] = event.rejection.code
            case _:
                pass

    def document(self) -> JsonValue:
        """Give all of it as JSON."""
        return [
            *(self.artifacts, self.publications, self.modules),
            *(self.installs, self.compiles),
        ]


def load_places(world_pk: int) -> Places:
    """Read the places that the projections hold."""
    places = Places()
    artifacts = Artifact.objects.filter(world_id=world_pk)
    places.artifacts = dict(artifacts.values_list("wasm_hash", "deployed_seq"))
    for row in Publication.objects.filter(world_id=world_pk).iterator():
        places.publications[f"{row.wasm_hash} {row.agent_id}"] = [row.seq, row.tick]
    modules = InstalledModule.objects.filter(world_id=world_pk)
    places.modules = dict(modules.values_list("module_id", "installed_seq"))
    installs = Install.objects.filter(world_id=world_pk)
    for seq, *told in installs.values_list("seq", *_INSTALL).iterator():
        places.installs[str(seq)] = told
    ended = {JobState.SUCCEEDED: "wasm_hash", JobState.FAILED: "failure_code"}
    for state, column in ended.items():
        jobs = CompileJob.objects.filter(world_id=world_pk, state=state)
        for request_seq, end in jobs.values_list("request_seq", column):
            places.compiles[str(request_seq)] = end
    return places
