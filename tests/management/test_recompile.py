"""`recompile`: rebuild and compare."""

import pytest
from django.core.management import CommandError

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from tests.management.calling import facts, said
from tests.service import compile_source, deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

WAT = '(module (func (export "answer") (result i32) i32.const 42))'


def compiled_artifact() -> str:
    """Compile a module through the real path; give its hash."""
    found_world()
    compile_source("ada", "answer", "answer.wat", {"answer.wat": WAT})
    job = CompileJob.objects.get()
    assert run_job(job.pk) == "succeeded"
    job.refresh_from_db()
    assert job.wasm_hash is not None
    return job.wasm_hash


def test_the_same_sources_give_the_same_bytes() -> None:
    wasm_hash = compiled_artifact()

    document = facts("recompile", "demo", f"sha256:{wasm_hash.upper()}")

    assert document["same_bytes"] is True
    assert document["toolchain_changed"] is False
    assert document["wasm_hash"] == document["rebuilt_hash"] == wasm_hash


def test_it_says_so_to_people() -> None:
    wasm_hash = compiled_artifact()

    printed = said("recompile", "demo", wasm_hash)

    assert "made with  wat " in printed
    assert "result     the same bytes" in printed


def test_uploaded_bytes_have_no_sources_to_compile() -> None:
    found_world()
    deploy("ada", wasm())

    with pytest.raises(CommandError, match="uploaded, not compiled here") as failed:
        said("recompile", "demo", hash_of(wasm()))

    assert failed.value.returncode == 1


def test_an_unknown_artifact_is_refused() -> None:
    found_world()

    with pytest.raises(CommandError, match="nothing here"):
        said("recompile", "demo", "0" * 64)


def test_what_is_no_hash_is_refused_with_what_would_be_one() -> None:
    found_world()

    with pytest.raises(CommandError, match="64 hexadecimal digits"):
        said("recompile", "demo", "beef")
