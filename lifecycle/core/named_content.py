"""Which bulk content an event names. What the bytes are, and where they lie, is not known here."""

from lifecycle.core.events import (
    ActionRejected,
    Event,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
)


def content_named_by(event: Event) -> tuple[str, ...]:
    """Give the digests of the content that an event names."""
    match event:
        case ModuleArtifactDeployed():
            return (event.wasm_hash,)
        case ModuleCompileRequested():
            return (event.source_digest,)
        case ActionRejected():
            digest = event.rejection.facts.get("diagnostics_digest")
            return (digest,) if isinstance(digest, str) else ()
        case _:
            return ()
