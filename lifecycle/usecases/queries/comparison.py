"""Two artifacts of a world side by side: sources, imports and exports, sizes, how they were made.

Line by line only what a page can show and a moment can compare; of the rest it is said that it
differs.
"""

from collections.abc import Callable, Iterable
from difflib import unified_diff
from typing import Any, Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.usecases.queries.artifacts import ArtifactInFull, find_artifact_in_full
from lifecycle.usecases.queries.documents import Document

_CONTEXT: Final = 3
_MOST_LINES_OF_A_FILE: Final = 1_500
_MOST_LINES_IN_ALL: Final = 6_000
_MOST_SHOWN: Final = 400
_LONGEST_LINE: Final = 400
_STATE_ORDER: Final = ("changed", "removed", "added", "same")


class DiffLine(NamedTuple):
    """A line of a unified difference; `kind` is ``kept``, ``removed``, ``added`` or ``place``."""

    kind: str
    text: str


class FileDifference(NamedTuple):
    """What became of a source file; `cut` says that not all of it is compared or shown."""

    path: str
    state: str
    lines: list[DiffLine]
    cut: bool


class ExternDifference(NamedTuple):
    """An import or export that is not the same on both sides; absent where one lacks it."""

    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Fact(NamedTuple):
    """One thing told of both artifacts."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Say whether it is not the same."""
        return self.before != self.after


class Comparison(NamedTuple):
    """Two artifacts, `before` and `after`, and where they differ.

    `files` is `None` where one of them has no sources here; `imports` and `exports` are where one
    cannot be inspected. `same_code` says that they differ in custom sections alone.
    """

    before: ArtifactInFull
    after: ArtifactInFull
    facts: list[Fact]
    files: list[FileDifference] | None
    imports: list[ExternDifference] | None
    exports: list[ExternDifference] | None
    sections: list[Fact]
    same_code: bool

    @property
    def files_changed(self) -> int:
        """Count the files that are not the same."""
        return sum(one.state != "same" for one in self.files or ())

    def document(self) -> Document:
        """Give it as JSON."""
        return {
            "wasm_hash": self.before.artifact.wasm_hash,
            "other_wasm_hash": self.after.artifact.wasm_hash,
            "same_code": self.same_code,
            "facts": [{**one._asdict(), "differs": one.differs} for one in self.facts],
            "custom_sections": [{**one._asdict(), "differs": one.differs} for one in self.sections],
            "files": _documents(self.files),
            "imports": _documents(self.imports),
            "exports": _documents(self.exports),
        }


def _documents(
    rows: list[FileDifference] | list[ExternDifference] | None,
) -> list[Document] | None:
    if rows is None:
        return None
    return [
        {**row._asdict(), "lines": [line._asdict() for line in row.lines]}
        if isinstance(row, FileDifference)
        else row._asdict()
        for row in rows
    ]


def compare_artifacts(world: SeenWorld, before: str, after: str) -> Comparison | None:
    """Compare two artifacts by their normal hashes; `None` where the world lacks one of them."""
    left, right = (find_artifact_in_full(world, wasm_hash) for wasm_hash in (before, after))
    if left is None or right is None:
        return None
    return Comparison(
        before=left,
        after=right,
        facts=_facts(left, right),
        files=_files(left, right),
        imports=_externs(left, right, "imports", lambda one: f"{one['module']}.{one['name']}"),
        exports=_externs(left, right, "exports", lambda one: str(one["name"])),
        sections=_sections(left, right),
        same_code=_stripped(left) is not None and _stripped(left) == _stripped(right),
    )


def _stripped(side: ArtifactInFull) -> str | None:
    return None if side.inspection is None else side.inspection["stripped_sha256"]


def _facts(left: ArtifactInFull, right: ArtifactInFull) -> list[Fact]:
    return [
        Fact(name, tell(left), tell(right))
        for name, tell in (
            ("Size in bytes", lambda side: str(side.artifact.bytes_len)),
            ("Owners", lambda side: ", ".join(side.artifact.owners)),
            ("Module hint", lambda side: side.artifact.module_id_hint or "none"),
            ("Toolchain", lambda side: _made(side, "toolchain") or "upload"),
            ("Toolchain version", lambda side: _made(side, "toolchain_version")),
            ("Toolchain digest", lambda side: _made(side, "toolchain_digest")),
            ("Flags", lambda side: _made(side, "flags")),
            ("Source digest", lambda side: _made(side, "source_digest")),
            ("Functions", _count("functions_total")),
            ("Imports", _count("imports_total")),
            ("Exports", _count("exports_total")),
            ("Globals", _count("globals_total")),
            ("Tables", _count("tables_total")),
            ("Data in bytes", _count("data_bytes")),
            ("Features seen", _count("features_seen")),
        )
    ]


def _made(side: ArtifactInFull, name: str) -> str:
    """Tell something of the first compile that gave the bytes; uploads have none."""
    made = next((one.provenance for one in side.publications if one.provenance), None)
    told = "" if made is None else made[name]
    return " ".join(told) if isinstance(told, list | tuple) else str(told)


def _count(name: str) -> Callable[[ArtifactInFull], str]:
    def tell(side: ArtifactInFull) -> str:
        told = "not known" if side.inspection is None else side.inspection[name]
        return ", ".join(told) if isinstance(told, list | tuple) else str(told)

    return tell


def _sections(left: ArtifactInFull, right: ArtifactInFull) -> list[Fact]:
    sizes = [_section_sizes(side) for side in (left, right)]
    names = sorted({*sizes[0], *sizes[1]})
    return [Fact(name, sizes[0].get(name, "none"), sizes[1].get(name, "none")) for name in names]


def _section_sizes(side: ArtifactInFull) -> dict[str, str]:
    """Give the sizes by name; a name may stand more than once in a module."""
    sizes: dict[str, list[str]] = {}
    for one in [] if side.inspection is None else side.inspection["custom_sections"]:
        sizes.setdefault(one["name"], []).append(str(one["size_bytes"]))
    return {name: " + ".join(each) for name, each in sizes.items()}


def _externs(
    left: ArtifactInFull,
    right: ArtifactInFull,
    part: str,
    name_of: Callable[[dict[str, Any]], str],
) -> list[ExternDifference] | None:
    if left.inspection is None or right.inspection is None:
        return None
    # An import may stand twice; the pairs of one name are told apart by their count.
    before, after = (
        dict(_numbered(side.inspection[part], name_of)) for side in (left, right) if side.inspection
    )
    return [
        ExternDifference(key[0], before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def _numbered(
    externs: Iterable[dict[str, Any]], name_of: Callable[[dict[str, Any]], str]
) -> Iterable[tuple[tuple[str, int], dict[str, Any]]]:
    seen: dict[str, int] = {}
    for one in externs:
        name = name_of(one)
        seen[name] = seen.get(name, 0) + 1
        yield (name, seen[name]), one


def _files(left: ArtifactInFull, right: ArtifactInFull) -> list[FileDifference] | None:
    if left.sources is None or right.sources is None:
        return None
    before, after = left.sources.files, right.sources.files
    left_to_compare = _MOST_LINES_IN_ALL
    found = []
    for path in sorted({*before, *after}):
        one = _file(path, before.get(path), after.get(path), left_to_compare)
        if one.state != "same":
            left_to_compare -= _length(before.get(path)) + _length(after.get(path))
        found.append(one)
    return sorted(found, key=lambda one: _STATE_ORDER.index(one.state))


def _length(text: str | None) -> int:
    return 0 if text is None else text.count("\n") + 1


def _file(path: str, before: str | None, after: str | None, room: int) -> FileDifference:
    if before == after:
        return FileDifference(path, "same", [], cut=False)
    state = "added" if before is None else "removed" if after is None else "changed"
    longest = max(_length(before), _length(after))
    if longest > min(_MOST_LINES_OF_A_FILE, room):
        return FileDifference(path, state, [], cut=True)
    lines = [
        _line(text)
        for text in unified_diff(_lines_of(before), _lines_of(after), n=_CONTEXT, lineterm="")
    ][2:]
    return FileDifference(path, state, lines[:_MOST_SHOWN], cut=len(lines) > _MOST_SHOWN)


def _lines_of(text: str | None) -> list[str]:
    return [] if text is None else text.split("\n")


def _line(text: str) -> DiffLine:
    kind = {"+": "added", "-": "removed", "@": "place"}.get(text[:1], "kept")
    told = text if kind == "place" else text[1:]
    return DiffLine(kind, told[:_LONGEST_LINE])
