"""The same source and toolchain give the same bytes, and nothing of the builder is in them."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from lifecycle.core.source_package import SourcePackage
from lifecycle.toolchains.catalog import compile_package
from lifecycle.toolchains.results import Compiled
from lifecycle.wasm.inspect import Inspection, inspect_module
from lifecycle.wasm.policy import WasmPolicy
from tests.toolchains.building import Bench, crate, example

# Each embeds a path wherever its language lets it.
RICH_C = {
    "deep/main.c": (
        "static const char name[] = __FILE__;\n"
        "int get(int i) { return name[(unsigned)i % sizeof name]; }\n"
    )
}
RICH_ZIG = {
    "deep/main.zig": (
        'const std = @import("std");\nvar text: [64]u8 = undefined;\n'
        "export fn get(i: usize) usize {\n"
        '    const s = std.fmt.bufPrint(&text, "{d} {s}", .{ i, @src().file }) catch unreachable;\n'
        "    return s.len;\n}\n"
    )
}
RICH_RUST = crate(
    '#[no_mangle]\npub extern "C" fn get(i: usize) -> i32 {\n'
    "    let v = vec![1, 2, 3];\n"
    '    let s = format!("{} {}", i, file!());\n'
    "    v[i] + s.len() as i32\n}\n"
)
PACKAGES = [
    pytest.param("wat", "checksum.wat", example("wat/checksum"), id="wat"),
    pytest.param("zig", "deep/main.zig", RICH_ZIG, id="zig"),
    pytest.param("c", "deep/main.c", RICH_C, id="c"),
    pytest.param("rust", "Cargo.toml", RICH_RUST, id="rust", marks=pytest.mark.needs_rust),
]
_HOST_PATH = re.compile(rb"/(?:home|root|sandbox|tmp|work|usr/(?!src/rustc)|var)/[ -~]*")


@pytest.mark.parametrize(("name", "manifest", "files"), PACKAGES)
def test_s35_twice_the_same_bytes_whatever_the_module_id_and_no_path_of_the_host(
    bench: Bench, name: str, manifest: str, files: Mapping[str, str]
) -> None:
    package = SourcePackage(manifest_path=manifest, files=files)

    results = [
        compile_package(bench.config, name, package, module_id)
        for module_id in ("a", "another.module_id-with-length")
    ]

    first, second = results
    assert isinstance(first, Compiled)
    assert isinstance(second, Compiled)
    assert first.wasm == second.wasm
    assert first.toolchain_digest == second.toolchain_digest
    assert _HOST_PATH.findall(first.wasm) == []
    assert str(Path.home()).encode() not in first.wasm


@pytest.mark.parametrize(("name", "manifest", "files"), PACKAGES)
def test_s37_what_the_toolchains_make_passes_the_default_policy(
    bench: Bench, name: str, manifest: str, files: Mapping[str, str]
) -> None:
    inspection = inspect_module(bench.made(name, manifest, files).wasm, WasmPolicy())

    assert isinstance(inspection, Inspection)


def test_a_date_in_c_is_refused_by_name(bench: Bench) -> None:
    result = bench.c("const char *f(void) { return __DATE__ __TIME__ __TIMESTAMP__; }\n")

    assert result.code == "compile_failed"
    assert "not reproducible" in result.diagnostics[0].message


def test_one_compile_cannot_poison_the_cache_of_another(bench: Bench) -> None:
    files = {"main.zig": "export fn f() i32 { return 42; }\n"}
    first = bench.made("zig", "main.zig", files)
    before = cache_listing(bench)

    bench.compile("zig", "main.zig", {"main.zig": "export fn f() i32 { return 43; }\n"})
    bench.compile("c", "main.c", {"main.c": "int f(void) { return 44; }\n"})

    assert cache_listing(bench) == before
    assert bench.made("zig", "main.zig", files).wasm == first.wasm


def cache_listing(bench: Bench) -> dict[str, tuple[int, int]]:
    """Name, size and time of every file of the warmed cache."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in bench.config.cache_folder.rglob("*")
        if path.is_file()
    }
