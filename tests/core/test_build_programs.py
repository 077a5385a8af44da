"""Package configuration that runs programs is refused by name, before the sandbox."""

import time

import pytest

from lifecycle.core.decide.build_programs import find_build_program
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import (
    BuildProgramForbidden,
    DependencyUnavailable,
    LimitExceeded,
    Rejection,
)
from lifecycle.core.source_package import SourcePackage

CRATE = '[package]\nname = "a"\nversion = "0.1.0"\n[lib]\ncrate-type = ["cdylib"]\n'


def crate(manifest: str = CRATE, **files: str) -> SourcePackage:
    return SourcePackage("Cargo.toml", {"Cargo.toml": manifest, "src/lib.rs": "//", **files})


def judged(source: SourcePackage) -> Rejection | None:
    return find_build_program(source, Policy())


def test_a_plain_crate_is_taken() -> None:
    assert judged(crate()) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("build.rs", "build.rs is a program that runs during the build"),
        ("BUILD.RS", "build.rs is a program that runs during the build"),
        (".cargo/config.toml", "a .cargo folder configures the programs that cargo runs"),
        ("src/.cargo/config", "a .cargo folder configures the programs that cargo runs"),
        ("build.zig", "build.zig is a program that runs during the build"),
        ("build.zig.zon", "build.zig is a program that runs during the build"),
        ("rust-toolchain", "the Rust toolchain is fixed by the service"),
    ],
)
def test_files_that_run_in_the_build_are_refused_by_name(path: str, reason: str) -> None:
    assert judged(crate(**{path: "x"})) == BuildProgramForbidden(path, reason)


@pytest.mark.parametrize("path", ["rust-toolchain.toml", "sub/rust-toolchain"])
def test_s19_files_that_choose_the_toolchain_are_refused(path: str) -> None:
    verdict = judged(crate(**{path: '[toolchain]\npath = "here"\n'}))

    assert verdict == BuildProgramForbidden(path, "the Rust toolchain is fixed by the service")


def test_a_build_rs_beside_no_cargo_toml_is_an_ordinary_file() -> None:
    assert judged(crate(**{"src/build.rs": "//"})) is None


@pytest.mark.parametrize("value", ['"src/gen.rs"', "true", '["a.rs"]'])
def test_a_build_script_under_another_name_is_refused(value: str) -> None:
    manifest = CRATE.replace("[lib]", f"build = {value}\n[lib]")

    verdict = judged(crate(manifest))

    assert isinstance(verdict, BuildProgramForbidden)
    assert verdict.path == "Cargo.toml"


def test_a_build_script_that_is_turned_off_is_taken() -> None:
    assert judged(crate(CRATE.replace("[lib]", "build = false\n[lib]"))) is None


@pytest.mark.parametrize(
    "line",
    [
        "proc-macro = true",
        "proc_macro = true",
        'crate-type = ["proc-macro"]',
        'crate_type = ["proc-macro"]',
        'crate-type = "proc-macro"',
    ],
)
def test_s17_procedural_macros_are_refused(line: str) -> None:
    manifest = f'[package]\nname = "a"\nversion = "0.1.0"\n[lib]\n{line}\n'

    assert judged(crate(manifest)) == BuildProgramForbidden(
        "Cargo.toml", "a procedural macro crate runs inside the compiler"
    )


def test_s17_a_procedural_macro_in_a_nested_crate_is_refused() -> None:
    nested = CRATE.replace('crate-type = ["cdylib"]', "proc-macro = true")

    verdict = judged(crate(**{"macros/Cargo.toml": nested}))

    assert isinstance(verdict, BuildProgramForbidden)
    assert verdict.path == "macros/Cargo.toml"


@pytest.mark.parametrize(
    "table",
    [
        'dependencies]\nserde = "1"',
        'dev-dependencies]\nserde = { version = "1" }',
        'build-dependencies]\nserde = { git = "https://example.org/serde" }',
        'dependencies.serde]\nversion = "1"',
        'workspace.dependencies]\nserde = "1"',
        'target.wasm32-unknown-unknown.dependencies]\nserde = "1"',
    ],
)
def test_dependencies_from_outside_are_refused_by_name(table: str) -> None:
    verdict = judged(crate(f"{CRATE}[{table}\n"))

    assert verdict == DependencyUnavailable("Cargo.toml", "serde")


@pytest.mark.parametrize("source", ['{ path = "inner" }', "{ workspace = true }"])
def test_dependencies_within_the_package_are_taken(source: str) -> None:
    assert judged(crate(f"{CRATE}[dependencies]\ninner = {source}\n")) is None


def test_a_manifest_that_is_no_toml_is_left_to_the_compiler() -> None:
    assert judged(crate("[package\n")) is None


def test_a_manifest_nested_beyond_reading_is_left_to_the_compiler() -> None:
    assert judged(crate("a = " + "[" * 5_000)) is None


def test_a_manifest_with_an_endless_number_is_left_to_the_compiler() -> None:
    assert judged(crate("a = " + "9" * 10_000)) is None


def test_tables_of_the_wrong_type_are_left_to_the_compiler() -> None:
    assert judged(crate('package = "a"\nlib = 3\ntarget = []\n')) is None


@pytest.mark.parametrize("part", ["a.", "a . ", '"a".', "'a'.", "a-b_9\t."])
def test_s27_a_key_of_many_parts_is_refused_before_it_is_read(part: str) -> None:
    """Read, each would take memory by the square of its parts: gigabytes for 100 KB."""
    manifest = f"{CRATE}{part * 3000}b = 1\n"

    verdict = judged(crate(manifest))

    assert verdict == LimitExceeded("source_files", "max_cargo_key_parts", 16, 3001)


def test_s27_a_table_of_many_parts_is_refused_in_any_manifest_of_the_package() -> None:
    verdict = judged(crate(**{"deep/Cargo.toml": f"[{'a.' * 16}b]\n"}))

    assert verdict == LimitExceeded("source_files", "max_cargo_key_parts", 16, 17)


def test_s27_manifests_are_bounded_together() -> None:
    comment = f"{CRATE}# {'x' * 30_000}\n"
    taken = {"one/Cargo.toml": comment, "two/Cargo.toml": comment}
    size = len(CRATE) + 2 * len(comment)

    assert judged(crate(**taken)) is None
    assert judged(crate(**taken, **{"three/CARGO.TOML": comment})) == LimitExceeded(
        "source_files", "max_cargo_manifest_bytes", 64 * 1024, size + len(comment)
    )


def test_what_real_manifests_hold_is_below_the_limits() -> None:
    """A key of a target, a long URL in a text and a line of dots are no long keys."""
    manifest = CRATE + (
        '[target.\'cfg(target_arch = "wasm32")\'.dependencies.own]\npath = "own"\n'
        '[package.metadata.docs]\nhomepage = "https://a.b.c.d.e.example.com/v1.2.3/x.y.z"\n'
        "# and so on ................................................................\n"
    )

    assert judged(crate(manifest)) is None


@pytest.mark.parametrize(
    "text", ["a" * 65_000, '"' * 65_000, "a." * 7 + " " * 60_000, "'a" * 30_000]
)
def test_s27_the_search_for_long_keys_takes_no_time_itself(text: str) -> None:
    started = time.perf_counter()

    judged(crate(text))

    assert time.perf_counter() - started < 1
