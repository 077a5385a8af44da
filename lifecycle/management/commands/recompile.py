"""`recompile`: compile an artifact's sources again and compare the bytes."""

from argparse import Namespace
from typing import Any

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world, broken
from lifecycle.protocol.wording import describe
from lifecycle.toolchains.results import Compiled
from lifecycle.usecases.recompile import Comparison, recompile


class Command(OperatorCommand):
    """Compile an artifact's sources again and compare."""

    help = (
        "Compile the stored sources of an artifact again, without the cache, and compare the "
        "bytes with those of the artifact. Exit status 1 when they differ or cannot be made."
    )
    example = "recompile harbour 3f2a…(64 hexadecimal digits)"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the hash."""
        add_world(parser)
        parser.add_argument("hash", help="The artifact's SHA-256, in any accepted spelling.")

    def work(self, options: Namespace) -> None:
        """Compile, print what came out, and fail where it is not the artifact."""
        comparison = recompile(options.world, options.hash)
        if options.json:
            self.tell_json(_document(comparison))
        else:
            self.tell("\n".join(_lines(comparison)))
        if not comparison.same_bytes:
            raise broken(_why_not(comparison))


def _why_not(comparison: Comparison) -> str:
    if comparison.provenance is None or comparison.result is None:
        return "These bytes were uploaded, not compiled here: there are no sources to compile."
    if not isinstance(comparison.result, Compiled):
        wording = describe(comparison.result.code, None, dict(comparison.result.facts))
        return f"The sources did not compile again. {wording.message} {wording.hint}"
    if comparison.toolchain_changed:
        return "The bytes differ, and so does the toolchain: the one of the first time is not here."
    return "The bytes differ although the toolchain is the same one."


def _lines(comparison: Comparison) -> list[str]:
    lines = [f"artifact   {comparison.wasm_hash}"]
    was, now = comparison.provenance, comparison.result
    if was is not None:
        lines += [
            f"sources    {was.source_digest} (request at event {was.request_seq})",
            f"made with  {was.toolchain} {was.toolchain_version}, digest {was.toolchain_digest}",
        ]
    if isinstance(now, Compiled):
        lines += [
            f"now with   {now.toolchain} {now.version}, digest {now.toolchain_digest}",
            f"rebuilt    {comparison.rebuilt_hash} in {now.duration_ms} ms",
        ]
    if comparison.same_bytes:
        lines.append("result     the same bytes")
    return lines


def _document(comparison: Comparison) -> dict[str, Any]:
    was, now = comparison.provenance, comparison.result
    return {
        "world": comparison.world,
        "wasm_hash": comparison.wasm_hash,
        "rebuilt_hash": comparison.rebuilt_hash,
        "same_bytes": comparison.same_bytes,
        "toolchain_changed": comparison.toolchain_changed,
        "toolchain": None if was is None else was.toolchain,
        "source_digest": None if was is None else was.source_digest,
        "toolchain_digest_then": None if was is None else was.toolchain_digest,
        "toolchain_digest_now": now.toolchain_digest if isinstance(now, Compiled) else None,
        "failure": None if was is None or comparison.same_bytes else _why_not(comparison),
    }
