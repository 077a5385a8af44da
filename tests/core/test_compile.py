"""Asking for a compile: what is wrong with a package is said before any work."""

import pytest

from lifecycle.core.decide import decide
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    AgentNotFound,
    BuildProgramForbidden,
    EmptyField,
    InvalidSourcePath,
    LimitExceeded,
    ManifestMissing,
    ManifestUnsupported,
    ToolchainUnavailable,
)
from lifecycle.core.source_package import (
    COMMAND,
    RUST,
    WAT,
    ZIG,
    C,
    SourcePackage,
    toolchain_name_for,
)
from tests.core.builders import (
    ADA,
    BOB,
    NOBODY,
    POLICY,
    WASM,
    compile_requested,
    compiling,
    deployed,
    given,
    provenance,
)


def package(manifest_path: str, **texts: str) -> SourcePackage:
    """Make a package; a name's double underscore stands for a dot."""
    return SourcePackage(
        manifest_path, {name.replace("__", "."): text for name, text in texts.items()}
    )


def test_an_acceptable_package_is_taken_for_compiling() -> None:
    assert decide(given(), compiling(), POLICY) == (compile_requested(by=ADA),)


def test_an_agent_that_is_not_in_the_world_cannot_compile() -> None:
    verdict = decide(given(), compiling(by=NOBODY), POLICY)

    assert verdict == AgentNotFound("publisher", NOBODY)


def test_a_package_without_files_is_refused() -> None:
    verdict = decide(given(), compiling(SourcePackage("main.wat", {})), POLICY)

    assert verdict == EmptyField("source_files")


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_blank_file_is_refused_by_name(text: str) -> None:
    source = package("main.wat", main__wat="(module)", empty__wat=text)

    verdict = decide(given(), compiling(source), POLICY)

    assert verdict == EmptyField("source_files.empty.wat")


def test_more_files_than_the_limit_are_refused() -> None:
    source = package("a.c", a__c="1", b__c="2", c__c="3")

    verdict = decide(given(), compiling(source), Policy(max_source_files=2))

    assert verdict == LimitExceeded("source_files", "max_source_files", maximum=2, actual=3)


def test_a_file_above_the_limit_is_refused_counting_utf_8_bytes() -> None:
    source = package("a.c", a__c="ééé")

    verdict = decide(given(), compiling(source), Policy(max_source_file_bytes=5))

    assert verdict == LimitExceeded("source_files", "max_source_file_bytes", maximum=5, actual=6)


def test_files_above_the_limit_together_are_refused() -> None:
    source = package("a.c", a__c="123", b__c="456")

    verdict = decide(given(), compiling(source), Policy(max_source_bytes=5))

    assert verdict == LimitExceeded("source_files", "max_source_bytes", maximum=5, actual=6)


def test_a_package_at_every_limit_is_taken() -> None:
    source = package("a.c", a__c="123", b__c="456")
    policy = Policy(max_source_files=2, max_source_file_bytes=3, max_source_bytes=6)

    verdict = decide(given(), compiling(source), policy)

    assert isinstance(verdict, tuple)
    assert len(verdict) == 1


def test_s01_a_path_out_of_the_package_is_refused() -> None:
    source = SourcePackage("main.wat", {"main.wat": "(module)", "../../x": "x"})

    verdict = decide(given(), compiling(source), POLICY)

    assert verdict == InvalidSourcePath("../../x", "it holds an empty, . or .. segment")


@pytest.mark.parametrize("manifest_path", ["other.wat", "./main.wat", "MAIN.wat", ""])
def test_s13_a_manifest_that_is_not_among_the_files_is_refused_listing_them(
    manifest_path: str,
) -> None:
    source = package(manifest_path, main__wat="(module)", b__wat="(module)")

    verdict = decide(given(), compiling(source), POLICY)

    assert verdict == ManifestMissing(manifest_path, files=("b.wat", "main.wat"))


def test_s13_of_very_many_files_only_some_are_listed() -> None:
    source = SourcePackage("x.wat", {f"{number:03}.wat": "(module)" for number in range(100)})

    verdict = decide(given(), compiling(source), POLICY)

    assert isinstance(verdict, ManifestMissing)
    assert verdict.files == tuple(f"{number:03}.wat" for number in range(20))


def test_a_program_that_would_run_in_the_build_is_refused() -> None:
    source = package("a.zig", a__zig="x", build__zig="y")

    verdict = decide(given(), compiling(source), POLICY)

    assert isinstance(verdict, BuildProgramForbidden)
    assert verdict.path == "build.zig"


def test_a_manifest_that_no_toolchain_takes_is_refused() -> None:
    source = package("main.py", main__py="print()")

    assert decide(given(), compiling(source), POLICY) == ManifestUnsupported("main.py")


def test_the_operators_command_takes_what_no_toolchain_takes() -> None:
    source = package("main.py", main__py="print()")

    verdict = decide(given(), compiling(source), Policy(operator_command=True))

    assert isinstance(verdict, tuple)
    assert verdict[0].toolchain == COMMAND  # type: ignore[union-attr]


def test_a_toolchain_that_is_not_installed_is_refused_with_the_command_that_installs_it() -> None:
    policy = Policy(unavailable_toolchains={WAT: "pip install wasmtime"})

    verdict = decide(given(), compiling(), policy)

    assert verdict == ToolchainUnavailable(WAT, "pip install wasmtime")


def test_an_agent_has_only_so_many_compiles_waiting() -> None:
    state = given(compile_requested(by=ADA), compile_requested(by=ADA))

    verdict = decide(state, compiling(), Policy(max_pending_compiles=2))

    assert verdict == LimitExceeded("publisher", "max_pending_compiles", maximum=2, actual=3)


def test_compiles_of_another_agent_do_not_count() -> None:
    state = given(compile_requested(by=BOB), compile_requested(by=BOB))

    verdict = decide(state, compiling(), Policy(max_pending_compiles=2))

    assert verdict == (compile_requested(by=ADA),)


def test_a_compile_that_has_ended_does_not_count() -> None:
    state = given(compile_requested(by=ADA), deployed(WASM, by=ADA, compiled=provenance(6)))

    verdict = decide(state, compiling(), Policy(max_pending_compiles=1))

    assert verdict == (compile_requested(by=ADA),)


@pytest.mark.parametrize(
    ("manifest_path", "toolchain"),
    [
        ("main.wat", WAT),
        ("src/main.zig", ZIG),
        ("lib/a.c", C),
        ("Cargo.toml", RUST),
        ("crate/Cargo.toml", RUST),
        ("cargo.toml", None),
        ("main.py", None),
        (".c", None),
        ("src/.zig", None),
        ("main.C", None),
    ],
)
def test_the_manifest_says_which_toolchain(manifest_path: str, toolchain: str | None) -> None:
    assert toolchain_name_for(manifest_path, operator_command=False) == toolchain
    assert toolchain_name_for(manifest_path, operator_command=True) == (toolchain or COMMAND)
