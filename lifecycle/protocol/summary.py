"""A decision as its record shows it: normalised, with bulk content as digest and length."""

from typing import Final

from lifecycle.codec.canonical import digest_of
from lifecycle.codec.packages import encode_package
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonObject
from lifecycle.protocol.schema import CompileDecision, Decision, DeployDecision
from lifecycle.protocol.shown import shown

_MOST_PATHS: Final = 128
_LONGEST_PATH: Final = 512


def summary_of(decision: Decision) -> JsonObject:
    """Give the fields that were sent, as JSON, without source texts and bytes.

    ``source_files`` becomes ``digest`` (the source digest, which covers the manifest's path
    too), ``file_count``, ``bytes_len`` and ``paths``; ``wasm_bytes_hex`` becomes ``digest`` and
    ``bytes_len``.
    """
    bulk = {"source_files", "wasm_bytes_hex"}
    fields = decision.model_dump(mode="json", exclude_unset=True, exclude=bulk)
    summary = {"decision": fields.pop("decision"), **fields}
    if isinstance(decision, CompileDecision):
        summary["source_files"] = _package_summary(decision)
    elif isinstance(decision, DeployDecision):
        content = decision.wasm_bytes_hex
        summary["wasm_bytes_hex"] = {"digest": digest_of(content), "bytes_len": len(content)}
    return summary


def _package_summary(decision: CompileDecision) -> JsonObject:
    package = SourcePackage(decision.manifest_path, decision.source_files)
    paths = sorted(package.files)[:_MOST_PATHS]
    return {
        "digest": digest_of(encode_package(package)),
        "file_count": len(package.files),
        "bytes_len": package.size_bytes,
        "paths": [shown(path, _LONGEST_PATH) for path in paths],
    }
