"""Hostile source, end to end through the real compilers: each is refused under its own code."""

import os
import time
from pathlib import Path

import pytest

from lifecycle.toolchains.results import Compiled
from tests.sandbox.programs import processes_with, within
from tests.toolchains.building import CRATE, Bench, crate, messages

PASSWD = Path("/etc/passwd").read_text().splitlines()[0]
C_READS = {
    "include": '#include "/etc/passwd"\n',
    "include above": '#include "../../../etc/passwd"\n',
    "include of proc": '#include "/proc/self/environ"\n',
    "incbin": '__asm__(".incbin \\"/etc/passwd\\"");\nint f(void) { return 1; }\n',
    "embed": 'const char x[] = {\n#embed "/etc/passwd"\n};\nint f(int i) { return x[i]; }\n',
}
SELF_INCLUDE = '#include "main.c"\n'
C_MEMORY = (
    "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(A(x))))\n"
    "int f(void) { return 0 B(B(+1)); }\n"
)
ZIG_LOOP = (
    "const x = blk: { @setEvalBranchQuota(4000000000); var i: u64 = 0;\n"
    "while (true) { i +%= 1; } break :blk i; };\nexport fn f() u64 { return x; }\n"
)
ZIG_RECURSION = (
    "fn deeper(comptime n: u64) u64 { return deeper(n + 1); }\n"
    "export fn f() u64 { @setEvalBranchQuota(4000000000); return comptime deeper(0); }\n"
)
RUST_MEMORY = "macro_rules! m { ($($x:tt)*) => { m!{$($x)* $($x)*} } }\nm!{a b c}\n"
RUST_LOOP = (
    "const fn f(n: u64) -> u64 { if n < 2 { 1 } else { f(n - 1) + f(n - 2) } }\n"
    "macro_rules! many { ($($n:ident)*) => { $(pub const $n: u64 = f(22);)* } }\n"
)


def assert_nothing_of_the_host(text: str) -> None:
    assert PASSWD not in text
    assert "root:" not in text
    assert "/sandbox" not in text
    assert os.path.expanduser("~") not in text  # noqa: PTH111 - a text, not a path


@pytest.mark.parametrize("text", C_READS.values(), ids=C_READS)
def test_s23_c_cannot_read_a_file_of_the_host(bench: Bench, text: str) -> None:
    result = bench.c(text)

    assert result.code == "compile_failed"
    assert "not found" in messages(result) or "incbin" in messages(result)
    assert_nothing_of_the_host(messages(result))


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../etc/passwd", "/proc/self/environ"])
def test_s21_zig_cannot_embed_a_file_of_the_host(bench: Bench, path: str) -> None:
    result = bench.zig(f'const s = @embedFile("{path}");\nexport fn f() u8 {{ return s[0]; }}\n')

    assert result.code == "compile_failed"
    assert [found.file for found in result.diagnostics] == ["main.zig"]
    assert_nothing_of_the_host(messages(result))


@pytest.mark.needs_rust
@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "/proc/self/environ"])
def test_s21_rust_cannot_include_a_file_of_the_host(bench: Bench, path: str) -> None:
    result = bench.rust(f'pub static S: &[u8] = include_bytes!("{path}");\n')

    assert result.code == "compile_failed"
    assert result.diagnostics[0].file == "src/lib.rs"
    assert "No such file" in messages(result)
    assert_nothing_of_the_host(messages(result))


def test_s25_a_file_that_includes_itself_is_a_compile_failure(bench: Bench) -> None:
    result = bench.c(SELF_INCLUDE)

    assert result.code == "compile_failed"
    assert result.diagnostics[0].message == "#include nested too deeply"


def test_s25_a_macro_that_eats_memory_ends_at_the_memory_limit(bench: Bench) -> None:
    result = bench.c(C_MEMORY, tree_memory_bytes=300 << 20)

    assert result.code == "compile_memory_exceeded"
    assert result.facts == {"toolchain": "c", "limit_bytes": 300 << 20}


@pytest.mark.needs_rust
def test_a_rust_macro_that_eats_memory_ends_at_the_memory_limit(bench: Bench) -> None:
    assert bench.rust(RUST_MEMORY, tree_memory_bytes=300 << 20).code == "compile_memory_exceeded"


def test_s27_an_endless_compile_time_loop_ends_at_the_wall_clock(bench: Bench) -> None:
    result = bench.zig(ZIG_LOOP, wall_ms=1_500)

    assert result.code == "compile_timeout"
    assert result.facts == {"toolchain": "zig", "limit_ms": 1_500}
    assert within(5, lambda: processes_with("main.zig") == [])


@pytest.mark.needs_rust
def test_s27_an_endless_rust_compile_ends_at_the_wall_clock(bench: Bench) -> None:
    names = " ".join(f"A{number}" for number in range(40_000))

    result = bench.rust(f"{RUST_LOOP}many!({names});\n", wall_ms=2_000)

    assert result.code == "compile_timeout"
    assert within(5, lambda: processes_with("/sandbox/work/src/Cargo.toml") == [])


def test_s29_a_compiler_that_crashes_is_a_failure_with_its_own_code(bench: Bench) -> None:
    result = bench.zig(ZIG_RECURSION)

    assert result.code == "compile_crashed"
    assert result.facts == {"toolchain": "zig", "signal": "SIGSEGV"}


def test_more_wasm_than_allowed_is_refused_by_size(bench: Bench) -> None:
    result = bench.c("int x[1000000] = {1};\nint f(int i) { return x[i]; }\n", output_bytes=1 << 20)

    assert result.code == "compile_output_exceeded"
    assert result.facts == {"toolchain": "c", "resource": "output", "limit": 1 << 20}


def test_a_compile_that_fills_the_disk_is_refused_by_space(bench: Bench) -> None:
    result = bench.c("char x[400000000] = {1};\nint f(int i) { return x[i]; }\n")

    assert result.code == "compile_output_exceeded"
    assert result.facts["resource"] in {"disk", "file_size"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 400_000,
        "(module (func " + "(block " * 60_000 + ")" * 60_000 + "))",
        "(module (type (func (param" + " i32" * 60_000 + ")))" + "(func (type 0))" * 16_000 + ")",
    ],
    ids=["parentheses", "blocks", "types"],
)
def test_hostile_wat_ends_in_seconds_and_outside_of_the_worker(bench: Bench, text: str) -> None:
    started_s = time.monotonic()

    result = bench.compile("wat", "main.wat", {"main.wat": text})

    assert time.monotonic() - started_s < 15
    assert isinstance(result, Compiled) or result.code in {"compile_failed", "compile_crashed"}


@pytest.mark.needs_rust
def test_s17_a_build_script_cannot_even_be_built(bench: Bench) -> None:
    script = 'fn main() { std::fs::write("/sandbox/work/out/target/x", "x").unwrap(); }\n'

    result = bench.failed("rust", "Cargo.toml", crate("", **{"build.rs": script}))

    assert result.code == "compile_failed"
    assert "can't find crate for `std`" in messages(result)


@pytest.mark.needs_rust
def test_s17_a_procedural_macro_of_the_package_cannot_even_be_built(bench: Bench) -> None:
    manifest = f'{CRATE}\n[dependencies]\nevil = {{ path = "evil" }}\n'
    files = {
        "Cargo.toml": manifest,
        "src/lib.rs": "evil::run!();\n",
        "evil/Cargo.toml": CRATE.replace("made", "evil").replace(
            'crate-type = ["cdylib"]', "proc-macro = true"
        ),
        "evil/src/lib.rs": (
            "use proc_macro::TokenStream;\n"
            "#[proc_macro]\npub fn run(input: TokenStream) -> TokenStream { input }\n"
        ),
    }

    result = bench.failed("rust", "Cargo.toml", files)

    assert result.code == "compile_failed"
    assert "can't find crate for `proc_macro`" in messages(result)


@pytest.mark.needs_rust
def test_s19_configuration_of_the_package_changes_no_tool(bench: Bench) -> None:
    plain = crate('#[no_mangle]\npub extern "C" fn f() -> i32 { 42 }\n')
    evil = "#!/sandbox/work/src/evil\n"
    armed = {
        **plain,
        ".cargo/config.toml": (
            '[build]\nrustc-wrapper = "/sandbox/work/src/evil"\nrustc = "/sandbox/work/src/evil"\n'
            'target-dir = "elsewhere"\n'
            '[target.wasm32-unknown-unknown]\nlinker = "/sandbox/work/src/evil"\n'
        ),
        "rust-toolchain.toml": '[toolchain]\npath = "/sandbox/work/src"\n',
        "rust-toolchain": "/sandbox/work/src\n",
        "evil": evil,
        "bin/rustc": evil,
        "rustc": evil,
    }

    assert (
        bench.made("rust", "Cargo.toml", armed).wasm == bench.made("rust", "Cargo.toml", plain).wasm
    )


@pytest.mark.needs_rust
def test_s15_a_package_with_ready_made_output_gets_its_own_source_compiled(bench: Bench) -> None:
    plain = crate('#[no_mangle]\npub extern "C" fn f() -> i32 { 42 }\n')
    armed = {
        **plain,
        "out/module.wasm": "fake",
        "target/wasm32-unknown-unknown/release/made.wasm": "fake",
        "made.wasm": "fake",
    }

    assert (
        bench.made("rust", "Cargo.toml", armed).wasm == bench.made("rust", "Cargo.toml", plain).wasm
    )


@pytest.mark.needs_rust
def test_a_dependency_from_outside_fails_without_a_network(bench: Bench) -> None:
    manifest = f'{CRATE}\n[dependencies]\nserde = "1"\n'

    result = bench.failed("rust", "Cargo.toml", {"Cargo.toml": manifest, "src/lib.rs": ""})

    assert result.code == "compile_failed"
    assert "no matching package named `serde` found" in messages(result)


def test_a_zig_build_script_is_not_run(bench: Bench) -> None:
    build = 'pub fn build(b: anytype) void { _ = b; @compileError("ran"); }\n'
    main = "export fn f() i32 { return 42; }\n"
    plain = {"main.zig": main}

    armed = bench.made("zig", "main.zig", {**plain, "build.zig": build, "build.zig.zon": ".{}"})

    assert armed.wasm == bench.made("zig", "main.zig", plain).wasm
