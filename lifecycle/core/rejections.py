"""Why the rules refuse: the closed union of rejections. Facts only; wording lives in `protocol`.

`code` and `field` are what a caller programs against; every other attribute is a fact.
"""

from typing import ClassVar, TypeAlias

from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId, LocationId, ModuleId, WasmHash
from lifecycle.core.values import JsonObject, Value


class WorldExists(Value):
    """The world was created before."""

    code: ClassVar[str] = "world_exists"
    field: ClassVar[str | None] = "world"
    world_id: str


class LocationExists(Value):
    """The place is already part of the world."""

    code: ClassVar[str] = "location_exists"
    field: ClassVar[str | None] = "location_id"
    location_id: LocationId


class AgentExists(Value):
    """The agent is already part of the world."""

    code: ClassVar[str] = "agent_exists"
    field: ClassVar[str | None] = "agent_id"
    agent_id: AgentId


class AgentNotFound(Value):
    """No such agent in this world."""

    code: ClassVar[str] = "agent_not_found"
    field: str
    agent_id: AgentId


class LocationNotFound(Value):
    """No such place in this world."""

    code: ClassVar[str] = "location_not_found"
    field: str
    location_id: LocationId


class ArtifactUnknown(Value):
    """Nobody deployed bytes with this hash in this world."""

    code: ClassVar[str] = "artifact_unknown"
    field: ClassVar[str | None] = "wasm_hash"
    wasm_hash: WasmHash


class NotArtifactOwner(Value):
    """The installer did not deploy these bytes; `publisher` was the first who did."""

    code: ClassVar[str] = "not_artifact_owner"
    field: ClassVar[str | None] = "wasm_hash"
    installer: AgentId
    publisher: AgentId


class HashMismatch(Value):
    """The bytes have another hash than the sender says."""

    code: ClassVar[str] = "hash_mismatch"
    field: ClassVar[str | None] = "wasm_hash"
    wasm_hash: WasmHash
    actual: WasmHash


class InvalidWasm(Value):
    """The bytes are not a module that this world accepts."""

    code: ClassVar[str] = "invalid_wasm"
    field: str
    reason: str
    detail: JsonObject


class ModuleIdTaken(Value):
    """Another agent has installed under this module id."""

    code: ClassVar[str] = "module_id_taken"
    field: ClassVar[str | None] = "module_id"
    module_id: ModuleId
    holder: AgentId


class EmptyField(Value):
    """A required text is blank."""

    code: ClassVar[str] = "empty_field"
    field: str


class LimitExceeded(Value):
    """More than the world allows; `limit` is the name under which the limits are published."""

    code: ClassVar[str] = "limit_exceeded"
    field: str
    limit: str
    maximum: int
    actual: int


class InvalidSourcePath(Value):
    """A source path is not a canonical relative path."""

    code: ClassVar[str] = "invalid_source_path"
    field: ClassVar[str | None] = "source_files"
    path: str
    reason: str


class ManifestMissing(Value):
    """The manifest is not among the files; `files` lists some of those that are."""

    code: ClassVar[str] = "manifest_missing"
    field: ClassVar[str | None] = "manifest_path"
    manifest_path: str
    files: tuple[str, ...]


class ManifestUnsupported(Value):
    """No toolchain takes this kind of manifest."""

    code: ClassVar[str] = "manifest_unsupported"
    field: ClassVar[str | None] = "manifest_path"
    manifest_path: str


class BuildProgramForbidden(Value):
    """The package configures a program to run while it is built."""

    code: ClassVar[str] = "build_program_forbidden"
    field: ClassVar[str | None] = "source_files"
    path: str
    reason: str


class DependencyUnavailable(Value):
    """The package depends on something outside of itself; a compile has no network."""

    code: ClassVar[str] = "dependency_unavailable"
    field: ClassVar[str | None] = "source_files"
    path: str
    dependency: str


class ToolchainUnavailable(Value):
    """The toolchain that the manifest asks for is not installed here."""

    code: ClassVar[str] = "toolchain_unavailable"
    field: ClassVar[str | None] = "manifest_path"
    toolchain: str
    install_hint: str


class CompileEnded(Value):
    """The compile itself failed; `code` is one of the ``compile_…`` and toolchain codes."""

    field: ClassVar[str | None] = "source_files"
    code: str
    detail: JsonObject
    diagnostics_digest: str | None


Rejection: TypeAlias = (
    WorldExists
    | LocationExists
    | AgentExists
    | AgentNotFound
    | LocationNotFound
    | ArtifactUnknown
    | NotArtifactOwner
    | HashMismatch
    | InvalidWasm
    | ModuleIdTaken
    | EmptyField
    | LimitExceeded
    | InvalidSourcePath
    | ManifestMissing
    | ManifestUnsupported
    | BuildProgramForbidden
    | DependencyUnavailable
    | ToolchainUnavailable
    | CompileEnded
)


def record_of(rejection: Rejection) -> RejectionRecord:
    """Give the stored form: the code, the field, and all other attributes as facts."""
    facts: JsonObject = {
        name: list(value) if isinstance(value, tuple) else value
        for name in rejection.__struct_fields__
        if name not in {"code", "field"} and (value := getattr(rejection, name)) is not None
    }
    return RejectionRecord(rejection.code, rejection.field, facts)
