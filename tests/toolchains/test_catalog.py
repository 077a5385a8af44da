"""Which toolchains are here, what is said of one that is not, and that each really compiles."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.job import SandboxSettings
from lifecycle.sandbox.staging import is_open
from lifecycle.toolchains import rust
from lifecycle.toolchains.catalog import (
    ToolchainConfig,
    compile_package,
    detect_toolchains,
    find_toolchain,
    probe,
)
from lifecycle.toolchains.results import Compiled, CompileFailed
from lifecycle.toolchains.toolchain import Missing
from tests.toolchains.building import Bench, crate

ROOT = Path(__file__).parents[2]
STRANGER = 4_000
PACKAGES = [path for path in sys.path if path.endswith("-packages")]


def test_the_built_in_toolchains_are_found_with_version_and_digest(
    config: ToolchainConfig,
) -> None:
    found = {status.name: status for status in detect_toolchains(config) if status.name != "rust"}

    assert set(found) == {"wat", "zig", "c"}
    for status in found.values():
        assert status.available
        assert status.version
        assert status.digest is not None
        assert len(status.digest) == 64
        assert status.problem is None
    assert len({status.digest for status in found.values()}) == 3


def test_each_toolchain_compiles_a_probe(config: ToolchainConfig) -> None:
    results = probe(config)

    for name in ("wat", "zig", "c"):
        assert isinstance(results[name], Compiled), results[name]


@pytest.mark.needs_rust
def test_rust_compiles_a_probe(config: ToolchainConfig) -> None:
    assert isinstance(probe(config)["rust"], Compiled)


def test_looking_for_toolchains_compiles_nothing(config: ToolchainConfig, tmp_path: Path) -> None:
    detect_toolchains(replace(config, cache_folder=tmp_path / "cache"))

    assert not (tmp_path / "cache").exists()


def test_a_cache_that_a_killed_worker_was_warming_is_removed(bench: Bench, tmp_path: Path) -> None:
    half_made = tmp_path / "warming-999999999-abc"
    half_made.mkdir()

    Bench(replace(bench.config, cache_folder=tmp_path)).made(
        "c", "main.c", {"main.c": "int f(void) { return 1; }\n"}
    )

    assert [path.name[:4] for path in tmp_path.iterdir()] == ["zig-"]


@pytest.fixture
def rust_without_target(tmp_path: Path) -> Path:
    """A Rust whose root lacks the target, as rustup leaves it."""
    root = tmp_path / "rust"
    (root / "bin").mkdir(parents=True)
    for name in ("rustc", "cargo"):
        (root / "bin" / name).write_text(f"#!/bin/sh\necho {root}\n")
        (root / "bin" / name).chmod(0o755)
    (root / "lib" / "rustlib" / "x86_64-unknown-linux-gnu").mkdir(parents=True)
    return root


@pytest.fixture
def no_other_rust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every Rust of this machine, wherever it is looked for."""
    which = shutil.which

    def hidden(name: str, path: str | None = None) -> str | None:
        return None if name == "rustc" else which(name, path=path)

    monkeypatch.setattr("lifecycle.toolchains.rust.shutil.which", hidden)


@pytest.mark.usefixtures("no_other_rust")
def test_a_missing_rust_is_refused_with_the_command_that_installs_it(bench: Bench) -> None:
    result = Bench(replace(bench.config, rust="/no/such/rust")).failed(
        "rust", "Cargo.toml", crate("")
    )

    assert result.code == "toolchain_unavailable"
    assert result.facts["toolchain"] == "rust"
    assert str(result.facts["install_hint"]).startswith("apt-get install rustc cargo")


@pytest.mark.usefixtures("no_other_rust")
def test_a_rust_without_the_target_is_not_taken(
    config: ToolchainConfig, rust_without_target: Path
) -> None:
    found = rust.find_sysroot(replace(config, rust=str(rust_without_target)))

    assert isinstance(found, Missing)
    assert "lacks the target wasm32-unknown-unknown" in found.problem
    assert "rustup target add" in found.install_hint


@pytest.mark.needs_rust
def test_a_rust_without_the_target_is_passed_over_for_one_that_has_it(
    config: ToolchainConfig, rust_without_target: Path
) -> None:
    found = rust.find_sysroot(replace(config, rust=str(rust_without_target)))

    assert isinstance(found, Path)
    assert found != rust_without_target


def test_without_a_sandbox_nothing_is_compiled(bench: Bench) -> None:
    none = SandboxSettings(bubblewrap="/no/such/bwrap")

    result = Bench(replace(bench.config, sandbox=none)).failed("wat", "a.wat", {"a.wat": ""})

    assert result.code == "sandbox_unavailable"
    assert result.facts["toolchain"] == "wat"
    assert "bubblewrap" in str(result.facts["install_hint"])


def test_a_compile_can_be_cancelled(config: ToolchainConfig) -> None:
    text = "export fn f() void { @setEvalBranchQuota(4000000000); comptime { while (true) {} } }\n"
    package = SourcePackage(manifest_path="main.zig", files={"main.zig": text})

    result = compile_package(config, "zig", package, "m", on_progress=lambda _: False)

    assert isinstance(result, CompileFailed)
    assert result.code == "compile_cancelled"


def test_an_unknown_toolchain_is_an_error_of_the_caller(config: ToolchainConfig) -> None:
    with pytest.raises(KeyError):
        find_toolchain(config, "fortran")


AS_STRANGER = """
import json, sys
from pathlib import Path
from lifecycle.sandbox.job import SandboxSettings
from lifecycle.toolchains.catalog import ToolchainConfig, probe
settings = SandboxSettings()
if sys.argv[2] == "bare":
    settings = SandboxSettings(bubblewrap="/no/bwrap", allow_unsandboxed=True)
config = ToolchainConfig(cache_folder=Path(sys.argv[1]), sandbox=settings)
print(json.dumps({name: [type(result).__name__, repr(result)[:500]]
                  for name, result in probe(config).items()}))
"""


@pytest.mark.parametrize("way", ["contained", "bare"])
def test_a_worker_that_is_not_root_compiles_too(bench: Bench, way: str) -> None:
    """`bare` is the operator's choice to do without a sandbox; it is tried the same way."""
    bench.made("c", "main.c", {"main.c": "int f(void) { return 1; }\n"})

    results = json.loads(run_as_stranger(bench.config.cache_folder, way))

    for name in ("wat", "zig", "c"):
        assert results[name][0] == "Compiled", results[name]
    assert list(Path(tempfile.gettempdir()).glob("worldsim-run-*")) == []


def run_as_stranger(warmed: Path, way: str) -> str:
    """Run the probe as a user other than root, with a cache of that user's own."""
    with tempfile.TemporaryDirectory(prefix="worldsim-test-") as place:
        cache = Path(shutil.copytree(warmed, Path(place) / "cache"))
        user = STRANGER if os.geteuid() == 0 else os.geteuid()
        for path in (Path(place), cache, *cache.rglob("*")):
            os.chown(path, user, -1)
        done = subprocess.run(
            [python_for_strangers(), "-c", AS_STRANGER, str(cache), way],
            cwd="/",
            env={
                "HOME": "/",
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join((str(ROOT), *PACKAGES)),
            },
            user=None if user == os.geteuid() else user,
            extra_groups=None if user == os.geteuid() else [],
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def python_for_strangers() -> str:
    """This Python, or the system's where this one lies in root's home."""
    system = shutil.which("python3", path="/usr/bin")
    return sys.executable if is_open(Path(sys.executable)) or system is None else system
