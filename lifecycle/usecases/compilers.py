"""The compilers as the operator configured them, and what the workers say of them."""

import functools
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.codec.packages import decode_diagnostics
from lifecycle.content import store as content
from lifecycle.models.jobs import CompileCacheEntry, ToolchainReport
from lifecycle.sandbox.job import SandboxSettings
from lifecycle.sandbox.limits import Limits
from lifecycle.toolchains.catalog import detect_toolchains, find_toolchain
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.results import Compiled, Diagnostic, ToolchainStatus
from lifecycle.usecases.clock import utc_now


@functools.cache
def toolchain_config() -> ToolchainConfig:
    """Give the configuration of every compile on this machine."""
    given = settings.ENVIRONMENT
    return ToolchainConfig(
        cache_folder=given.data / "toolchains",
        limits=Limits(
            wall_ms=given.compile_timeout_seconds * 1000,
            tree_memory_bytes=given.compile_memory_bytes,
            output_bytes=given.max_wasm_bytes,
        ),
        sandbox=SandboxSettings(allow_unsandboxed=given.allow_unsandboxed),
        source_compiler=given.source_compiler or None,
        rust=given.rust or None,
    )


def statuses() -> tuple[ToolchainStatus, ...]:
    """Look at the toolchains of this machine."""
    return detect_toolchains(toolchain_config())


def find_status(name: str) -> ToolchainStatus:
    """Give what this machine has of one toolchain; cheap where it is known and unchanged.

    Raises:
        KeyError: there is no toolchain of that name at all.
    """
    return find_toolchain(toolchain_config(), name)


def report_toolchains() -> tuple[ToolchainStatus, ...]:
    """Let the web servers know which toolchains this worker's machine has."""
    found = statuses()
    with transaction.atomic():
        for status in found:
            ToolchainReport.objects.update_or_create(
                name=status.name,
                defaults={
                    "available": status.available,
                    "version": status.version or "",
                    "problem": status.problem or "",
                    "install_hint": status.install_hint or "",
                    "reported_at": utc_now(),
                },
            )
    return found


class CacheKey(NamedTuple):
    """All that goes into a compile's output. The module id does for the operator's command."""

    toolchain: str
    toolchain_digest: str
    source_digest: str
    module_id: str | None

    @property
    def digest(self) -> str:
        """Give the key in one digest."""
        return digest_of(canonical_bytes(list(self)))


def find_cached(key: CacheKey) -> Compiled | None:
    """Give what an earlier compile of the same sources with the same toolchain gave."""
    entries = CompileCacheEntry.objects.filter(key=key.digest)
    entry = entries.values_list("wasm_hash", "diagnostics_digest").first()
    status = find_status(key.toolchain)
    if entry is None or status.digest != key.toolchain_digest:
        return None
    wasm_hash, remarks_digest = entry
    try:
        wasm = content.get(wasm_hash)
    except content.ContentError:
        return None
    return Compiled(
        wasm=wasm,
        toolchain=key.toolchain,
        version=status.version or "",
        toolchain_digest=key.toolchain_digest,
        flags=status.flags,
        diagnostics=_remarks(remarks_digest),
        duration_ms=0,
    )


def _remarks(digest: str | None) -> tuple[Diagnostic, ...]:
    """Give what the compiler remarked the first time; nothing where that is lost."""
    if digest is None:
        return ()
    try:
        return msgspec.convert(decode_diagnostics(content.get(digest)), tuple[Diagnostic, ...])
    except content.ContentError:
        return ()


def remember(key: CacheKey, wasm_hash: str, remarks_digest: str | None) -> None:
    """Keep what a compile gave, and what the compiler remarked."""
    CompileCacheEntry.objects.get_or_create(
        key=key.digest,
        defaults={
            "wasm_hash": wasm_hash,
            "diagnostics_digest": remarks_digest,
            "created_at": utc_now(),
        },
    )
