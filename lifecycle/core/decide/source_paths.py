"""Which paths a source package may use: canonical, relative, the same on every file system."""

import unicodedata
from typing import Final

from lifecycle.core.rejections import InvalidSourcePath
from lifecycle.core.source_package import SourcePackage

_MAX_PATH_BYTES: Final = 512
_MAX_SEGMENT_BYTES: Final = 200
_MAX_DEPTH: Final = 16
# What some file systems, and the lists that compilers write of their inputs, cannot hold.
_UNUSABLE: Final = frozenset('"<>|?*')
# Controls, invisible format characters (which reorder text on a screen), surrogates, private
# use, unassigned, and line separators.
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def find_invalid_path(source: SourcePackage) -> InvalidSourcePath | None:
    """Find the first path that is not canonical, or that clashes with another one."""
    seen: dict[str, str] = {}
    for path in source.files:
        reason = why_not_canonical(path)
        if reason is None and path.casefold() in seen:
            reason = "it differs from another path only by upper and lower case"
        if reason is not None:
            return InvalidSourcePath(path, reason)
        seen[path.casefold()] = path
    return _find_file_used_as_folder(source)


def _find_file_used_as_folder(source: SourcePackage) -> InvalidSourcePath | None:
    names = {path.casefold() for path in source.files}
    for path in source.files:
        parts = path.casefold().split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in names:
                return InvalidSourcePath(path, "one of its folders is also given as a file")
    return None


def why_not_canonical(path: str) -> str | None:
    """Say why a path is refused, or `None` where it is fine.

    A canonical path is NFC text of at most 512 bytes: segments of 1 to 200 bytes joined by
    single ``/``, none of them ``.`` or ``..``, none starting with ``-``, without backslash,
    colon, any of ``" < > | ? *``, control or invisible characters.
    """
    if not path:
        return "it is empty"
    if "\\" in path:
        return "it holds a backslash; use / between folders"
    if ":" in path:
        return "it holds a colon"
    if not _UNUSABLE.isdisjoint(path):
        return 'it holds one of " < > | ? *'
    if any(_is_unseen(character) for character in path):
        return "it holds a control or invisible character"
    if not unicodedata.is_normalized("NFC", path):
        return "it is not in Unicode normal form NFC"
    if len(path.encode()) > _MAX_PATH_BYTES:
        return f"it is longer than {_MAX_PATH_BYTES} bytes"
    return _why_segments_not_canonical(path.split("/"))


def _is_unseen(character: str) -> bool:
    # Of the spaces only the plain one looks the same everywhere.
    category = unicodedata.category(character)
    return category in _FORBIDDEN_CATEGORIES or (category == "Zs" and character != " ")


def _why_segments_not_canonical(segments: list[str]) -> str | None:
    if segments[0] == "":
        return "it is absolute; give it relative to the package"
    if len(segments) > _MAX_DEPTH:
        return f"it is more than {_MAX_DEPTH} folders deep"
    for segment in segments:
        if segment in {"", ".", ".."}:
            return "it holds an empty, . or .. segment"
        if segment.startswith("-"):
            return "a segment starts with -"
        if segment != segment.strip():
            return "a segment starts or ends with white space"
        if len(segment.encode()) > _MAX_SEGMENT_BYTES:
            return f"a segment is longer than {_MAX_SEGMENT_BYTES} bytes"
    return None
