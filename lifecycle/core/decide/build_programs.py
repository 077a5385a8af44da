"""Package configuration that would run a program during the build, refused by name.

The sandbox holds without this check; it is here so that the author gets a clear answer at once.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Final, cast

from lifecycle.core.policy import Policy
from lifecycle.core.rejections import BuildProgramForbidden, DependencyUnavailable, LimitExceeded
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonValue

_CARGO_MANIFEST: Final = "cargo.toml"
# A part of a dotted key with the dot behind it. What is taken is not given back, so a search takes
# time in step with the text.
_KEY_PART: Final = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_KEY: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_KEY_PART})+")
_DEPENDENCY_TABLES: Final = ("dependencies", "dev-dependencies", "build-dependencies")

Table = Mapping[str, JsonValue]


def find_build_program(
    source: SourcePackage, policy: Policy
) -> BuildProgramForbidden | DependencyUnavailable | LimitExceeded | None:
    """Find the first file, or the first line of a Cargo.toml, that would run a program.

    Manifests that are too costly to read are refused by the limit that they pass.
    """
    cargo_folders = {
        path.rpartition("/")[0] for path in source.files if _file_name(path) == _CARGO_MANIFEST
    }
    for path in source.files:
        reason = _why_forbidden_name(path, cargo_folders)
        if reason is not None:
            return BuildProgramForbidden(path, reason)
    manifests = {
        path: text for path, text in source.files.items() if _file_name(path) == _CARGO_MANIFEST
    }
    costly = _judge_cost(manifests.values(), policy)
    if costly is not None:
        return costly
    for path, text in manifests.items():
        fault = _judge_cargo_manifest(path, text)
        if fault is not None:
            return fault
    return None


def _judge_cost(manifests: Collection[str], policy: Policy) -> LimitExceeded | None:
    """Refuse what would take too long to read, before it is read."""
    size = sum(len(text.encode()) for text in manifests)
    if size > policy.max_cargo_manifest_bytes:
        return _over("max_cargo_manifest_bytes", policy.max_cargo_manifest_bytes, size)
    keys = (key[0] for text in manifests for key in _KEY.finditer(text))
    # Dots within quotes count too: more than there are parts, and still far from the limit.
    parts = 1 + max((key.count(".") for key in keys), default=0)
    if parts > policy.max_cargo_key_parts:
        return _over("max_cargo_key_parts", policy.max_cargo_key_parts, parts)
    return None


def _over(limit: str, maximum: int, actual: int) -> LimitExceeded:
    return LimitExceeded("source_files", limit, maximum, actual)


def _file_name(path: str) -> str:
    return path.rpartition("/")[2].lower()


def _why_forbidden_name(path: str, cargo_folders: set[str]) -> str | None:
    name = _file_name(path)
    if ".cargo" in path.lower().split("/"):
        return "a .cargo folder configures the programs that cargo runs"
    if name.startswith("rust-toolchain"):
        return "the Rust toolchain is fixed by the service"
    if name in {"build.zig", "build.zig.zon"}:
        return "build.zig is a program that runs during the build"
    if name == "build.rs" and path.rpartition("/")[0] in cargo_folders:
        return "build.rs is a program that runs during the build"
    return None


def _judge_cargo_manifest(
    path: str, text: str
) -> BuildProgramForbidden | DependencyUnavailable | None:
    try:
        manifest = cast("Table", tomllib.loads(text))
    except (ValueError, RecursionError):
        # Not only faults of form: an integer of thousands of digits too is a ValueError.
        return None  # cargo itself will say where the file is broken
    package, library = _table(manifest, "package"), _table(manifest, "lib")
    if package.get("build", False) is not False:
        return BuildProgramForbidden(path, "package.build names a program that runs in the build")
    if library.get("proc-macro") or library.get("proc_macro") or _asks_for_macro(library):
        return BuildProgramForbidden(path, "a procedural macro crate runs inside the compiler")
    for name, dependency in _dependencies(manifest):
        if not isinstance(dependency, Mapping) or not ({"path", "workspace"} & dependency.keys()):
            return DependencyUnavailable(path, name)
    return None


def _asks_for_macro(library: Table) -> bool:
    kinds = library.get("crate-type", library.get("crate_type", ()))
    return "proc-macro" in kinds if isinstance(kinds, list) else kinds == "proc-macro"


def _dependencies(manifest: Table) -> Iterator[tuple[str, JsonValue]]:
    targets = [table for table in _table(manifest, "target").values() if isinstance(table, Mapping)]
    for owner in (manifest, _table(manifest, "workspace"), *targets):
        for table in _DEPENDENCY_TABLES:
            yield from _table(owner, table).items()


def _table(owner: Table, key: str) -> Table:
    value = owner.get(key)
    return value if isinstance(value, Mapping) else {}
