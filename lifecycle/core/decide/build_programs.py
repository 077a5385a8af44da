"""Package configuration that would run a program during the build, refused by name.

The sandbox holds without this check; it is here so that the author gets a clear answer at once.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Final, cast

from lifecycle.core.rejections import BuildProgramForbidden, DependencyUnavailable
from lifecycle.core.source_package import SourcePackage
from lifecycle.core.values import JsonValue

_CARGO_MANIFEST: Final = "cargo.toml"
_DEPENDENCY_TABLES: Final = ("dependencies", "dev-dependencies", "build-dependencies")

Table = Mapping[str, JsonValue]


def find_build_program(
    source: SourcePackage,
) -> BuildProgramForbidden | DependencyUnavailable | None:
    """Find the first file, or the first line of a Cargo.toml, that would run a program."""
    cargo_folders = {
        path.rpartition("/")[0] for path in source.files if _file_name(path) == _CARGO_MANIFEST
    }
    for path in source.files:
        reason = _why_forbidden_name(path, cargo_folders)
        if reason is not None:
            return BuildProgramForbidden(path, reason)
    for path, text in source.files.items():
        if _file_name(path) == _CARGO_MANIFEST:
            fault = _judge_cargo_manifest(path, text)
            if fault is not None:
                return fault
    return None


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
