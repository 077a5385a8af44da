"""Rebuild and compare: compile an artifact's stored sources again and see if the bytes agree.

Nothing is written; the cache is neither asked nor filled.
"""

from typing import NamedTuple

from lifecycle.codec.canonical import digest_of
from lifecycle.codec.events import decode_event
from lifecycle.core.events import ModuleArtifactDeployed, ModuleCompileRequested, Provenance
from lifecycle.core.ids import HashFormatError, normalise_hash
from lifecycle.core.values import JsonObject
from lifecycle.journal import reading
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import get_head
from lifecycle.projections.artifacts import find_artifact, publications_of
from lifecycle.toolchains.catalog import OnProgress, compile_package
from lifecycle.toolchains.results import Compiled, CompileFailed, CompileResult
from lifecycle.usecases import compilers
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError
from lifecycle.usecases.packages import stored_package


class Comparison(NamedTuple):
    """What compiling again gave.

    Attributes:
        wasm_hash: The artifact that was asked about.
        provenance: How its bytes were made; `None` where they were only ever uploaded.
        result: What the compiler gave now; `None` where there was nothing to compile.
        rebuilt_hash: The SHA-256 of the bytes it gave, where it gave some.
    """

    world: str
    wasm_hash: str
    provenance: Provenance | None
    result: CompileResult | None
    rebuilt_hash: str | None

    @property
    def same_bytes(self) -> bool:
        """Say whether the sources gave the artifact's very bytes again."""
        return self.rebuilt_hash == self.wasm_hash

    @property
    def toolchain_changed(self) -> bool:
        """Say whether another compiler was used than the first time."""
        return (
            isinstance(self.result, Compiled)
            and self.provenance is not None
            and self.result.toolchain_digest != self.provenance.toolchain_digest
        )


def recompile(slug: str, wasm_hash: str, *, on_progress: OnProgress | None = None) -> Comparison:
    """Compile the sources of an artifact again, on this machine, in the sandbox.

    Args:
        slug: The world.
        wasm_hash: The artifact's hash, in any accepted spelling.
        on_progress: Called about every second; False ends the compile as `compile_cancelled`.

    Raises:
        WorldNotFoundError: no such world.
        InvalidParameterError: the hash is none.
        NotFoundError: the world has no such artifact.
        ContentError: the sources are missing or were altered.
    """
    try:
        normal = normalise_hash(wasm_hash)
    except HashFormatError as error:
        facts: JsonObject = {"received": wasm_hash[:80], "accepted": "64 hexadecimal digits"}
        raise InvalidParameterError("wasm_hash", facts) from error
    world_pk = get_head(slug).world_pk
    if find_artifact(world_pk, normal) is None:
        raise NotFoundError("wasm_hash", {"received": normal})
    event = _compiled_publication(world_pk, normal)
    if event is None or event.provenance is None:
        return Comparison(slug, normal, None, None, None)
    result = _compile_again(world_pk, event.provenance, on_progress)
    rebuilt = digest_of(result.wasm) if isinstance(result, Compiled) else None
    return Comparison(slug, normal, event.provenance, result, rebuilt)


def _compiled_publication(world_pk: int, wasm_hash: str) -> ModuleArtifactDeployed | None:
    """Give the first publication of the bytes that was compiled here."""
    for publication in publications_of(world_pk, wasm_hash):
        stored = reading.find_event(world_pk, publication.seq)
        event = None if stored is None else decode_event(stored.body).recorded.event
        if isinstance(event, ModuleArtifactDeployed) and event.provenance is not None:
            return event
    return None


def _compile_again(
    world_pk: int, provenance: Provenance, on_progress: OnProgress | None
) -> CompileResult:
    stored = reading.find_event(world_pk, provenance.request_seq)
    request = None if stored is None else decode_event(stored.body).recorded.event
    if not isinstance(request, ModuleCompileRequested):
        raise JournalBrokenError(
            provenance.request_seq, "missing", "the request that an artifact names is missing"
        )
    package = stored_package(provenance.source_digest, provenance.toolchain)
    if isinstance(package, CompileFailed):
        return package
    return compile_package(
        compilers.toolchain_config(),
        provenance.toolchain,
        package,
        request.module_id,
        on_progress=on_progress,
    )
