"""The decision on its record: normalised fields, bulk content as digest and length."""

import hashlib

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.codec.packages import encode_package
from lifecycle.core.source_package import SourcePackage
from lifecycle.protocol.summary import summary_of
from tests.protocol.bodies import COMPILE, DEPLOY, HASH, INSTALL, MOVE, WAIT, accepted


def test_a_decision_without_bulk_is_shown_as_it_is() -> None:
    for body in (WAIT, MOVE, INSTALL):
        assert summary_of(accepted(body).decision) == body


def test_only_what_was_sent_is_shown() -> None:
    assert summary_of(accepted({"decision": "wait", "ticks": None}).decision) == {
        "decision": "wait"
    }


def test_h01_hashes_and_names_are_shown_in_their_stored_spelling() -> None:
    body = {**INSTALL, "decision": "InstallModuleFromArtifact", "wasm_hash": HASH.upper()}

    assert summary_of(accepted(body).decision) == INSTALL


def test_source_files_become_the_source_digest_sizes_and_paths() -> None:
    summary = summary_of(accepted(COMPILE).decision)

    files = COMPILE["source_files"]
    assert isinstance(files, dict)
    package = encode_package(SourcePackage("main.c", files))
    assert summary["source_files"] == {
        "digest": hashlib.sha256(package).hexdigest(),
        "file_count": 2,
        "bytes_len": 52,
        "paths": ["a.h", "main.c"],
    }
    assert summary["manifest_path"] == "main.c"


def test_of_very_many_paths_only_the_first_128_are_listed_and_long_ones_cut() -> None:
    files = {f"{number:03}": "x" for number in range(200)} | {"!" * 600: "x"}
    body = {**COMPILE, "source_files": files, "source_file_count": None, "source_total_bytes": None}

    shown = summary_of(accepted(body).decision)["source_files"]

    assert len(shown["paths"]) == 128
    assert shown["paths"][0] == "!" * 511 + "\N{HORIZONTAL ELLIPSIS}"
    assert shown["file_count"] == 201


def test_bytes_become_their_hash_and_length() -> None:
    summary = summary_of(accepted(DEPLOY).decision)

    assert summary["wasm_bytes_hex"] == {"digest": HASH, "bytes_len": 8}
    assert summary["publisher"] == "agent:scout"


def test_every_summary_has_a_canonical_form() -> None:
    for body in (WAIT, MOVE, INSTALL, COMPILE, DEPLOY):
        canonical_bytes(summary_of(accepted(body).decision))
