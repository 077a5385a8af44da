"""Which paths a package may use: the same place on every file system, and no other."""

import unicodedata

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies

from lifecycle.core.decide.source_paths import find_invalid_path, why_not_canonical
from lifecycle.core.rejections import InvalidSourcePath
from lifecycle.core.source_package import SourcePackage


@pytest.mark.parametrize(
    "path",
    [
        "main.c",
        "src/lib.rs",
        "a/b/c/d.txt",
        "Größe.txt",
        "with space.c",
        ".hidden",
        "..a",
        "a..b/c",
        "日本.zig",
        "/".join("d" * 16),
        "n" * 200,
    ],
)
def test_canonical_paths_are_taken(path: str) -> None:
    assert why_not_canonical(path) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "it is empty"),
        ("../../x", "it holds an empty, . or .. segment"),
        ("C:../x", "it holds a colon"),
        ("C:\\x", "it holds a backslash; use / between folders"),
        ("a/..", "it holds an empty, . or .. segment"),
        ("/etc/passwd", "it is absolute; give it relative to the package"),
    ],
)
def test_s01_paths_out_of_the_package_are_refused(path: str, reason: str) -> None:
    assert why_not_canonical(path) == reason


def test_s03_a_backslash_is_refused_on_every_platform() -> None:
    assert why_not_canonical("src\\lib.rs") == "it holds a backslash; use / between folders"


@pytest.mark.parametrize(
    "letter",
    [
        "\0",
        "\n",
        "\x7f",
        "\u00a0",
        "\u1680",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ud800",
        "\ue000",
        "\u2028",
    ],
)
def test_s05_control_and_invisible_characters_are_refused(letter: str) -> None:
    assert why_not_canonical(f"a{letter}b") == "it holds a control or invisible character"


@pytest.mark.parametrize("letter", '"<>|?*')
def test_characters_that_some_file_systems_lack_are_refused(letter: str) -> None:
    assert why_not_canonical(f"a{letter}b.c") == 'it holds one of " < > | ? *'


def test_s07_decomposed_accents_are_refused() -> None:
    decomposed = unicodedata.normalize("NFD", "é.c")

    assert why_not_canonical("é.c") is None
    assert why_not_canonical(decomposed) == "it is not in Unicode normal form NFC"


@pytest.mark.parametrize("path", ["a//b", "a/./b", "./a", "a/", "a/../b", "."])
def test_s09_other_spellings_of_a_path_are_refused(path: str) -> None:
    assert why_not_canonical(path) == "it holds an empty, . or .. segment"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("-o", "a segment starts with -"),
        ("src/-Xlinker", "a segment starts with -"),
        (" a.c", "a segment starts or ends with white space"),
        ("a /b.c", "a segment starts or ends with white space"),
        ("n" * 201, "a segment is longer than 200 bytes"),
        ("/".join("d" * 17), "it is more than 16 folders deep"),
        ("/".join(["n" * 200] * 3), "it is longer than 512 bytes"),
    ],
)
def test_paths_that_a_program_could_misread_are_refused(path: str, reason: str) -> None:
    assert why_not_canonical(path) == reason


def test_paths_that_differ_only_by_case_are_refused() -> None:
    source = SourcePackage("a.c", {"a.c": "1", "A.c": "2"})

    assert find_invalid_path(source) == InvalidSourcePath(
        "A.c", "it differs from another path only by upper and lower case"
    )


def test_a_file_that_is_used_as_a_folder_is_refused() -> None:
    source = SourcePackage("a.c", {"a.c": "1", "A.C/b.c": "2"})

    assert find_invalid_path(source) == InvalidSourcePath(
        "A.C/b.c", "one of its folders is also given as a file"
    )


def test_a_package_of_canonical_paths_is_taken() -> None:
    assert find_invalid_path(SourcePackage("a.c", {"a.c": "1", "b/a.c": "2"})) is None


@hypothesis_given(strategies.text(max_size=40))
def test_a_path_that_is_taken_stays_in_the_package_and_is_spelled_in_one_way(path: str) -> None:
    if why_not_canonical(path) is not None:
        return

    segments = path.split("/")
    assert all(segment not in {"", ".", ".."} for segment in segments)
    assert unicodedata.normalize("NFC", path) == path
    assert path.isprintable()
