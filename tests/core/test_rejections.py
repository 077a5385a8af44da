"""Rejections as they are stored: a code, a field, and every other attribute as a fact."""

from typing import get_args

import pytest

from lifecycle.core.events import RejectionRecord
from lifecycle.core.rejections import (
    CompileEnded,
    LimitExceeded,
    ManifestMissing,
    ModuleIdTaken,
    Rejection,
    record_of,
)
from tests.core.builders import ADA, CLOCK

CODES = [
    "agent_exists",
    "agent_not_found",
    "artifact_unknown",
    "build_program_forbidden",
    "dependency_unavailable",
    "empty_field",
    "hash_mismatch",
    "invalid_source_path",
    "invalid_wasm",
    "limit_exceeded",
    "location_exists",
    "location_not_found",
    "manifest_missing",
    "manifest_unsupported",
    "module_id_taken",
    "not_artifact_owner",
    "toolchain_unavailable",
    "world_exists",
]


def test_the_codes_are_the_public_ones() -> None:
    """They are an API: a code that changes or vanishes breaks who programs against it."""
    classes = [cls for cls in get_args(Rejection) if cls is not CompileEnded]

    assert sorted(cls.code for cls in classes) == CODES


def test_a_rejection_is_recorded_with_its_facts() -> None:
    assert record_of(ModuleIdTaken(CLOCK, ADA)) == RejectionRecord(
        "module_id_taken", "module_id", {"module_id": "clock", "holder": "ada"}
    )


def test_the_field_of_a_rejection_is_no_fact() -> None:
    record = record_of(LimitExceeded("ticks", "max_wait_ticks", 5, 6))

    assert record.field == "ticks"
    assert record.facts == {"limit": "max_wait_ticks", "maximum": 5, "actual": 6}


def test_lists_are_recorded_as_json_lists() -> None:
    record = record_of(ManifestMissing("a.c", ("b.c", "c.c")))

    assert record.facts == {"manifest_path": "a.c", "files": ["b.c", "c.c"]}


@pytest.mark.parametrize("code", ["compile_failed", "compile_timeout"])
def test_a_compile_that_ended_keeps_its_own_code_and_leaves_out_what_is_absent(code: str) -> None:
    assert record_of(CompileEnded(code, {"limit_ms": 5}, None)) == RejectionRecord(
        code, "source_files", {"detail": {"limit_ms": 5}}
    )
