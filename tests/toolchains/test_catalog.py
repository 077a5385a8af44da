"""Which toolchains are here, what is said of one that is not, and that each really compiles."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.job import SandboxSettings
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


@pytest.fixture
def rust_without_target(tmp_path: Path) -> Iterator[Path]:
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

    monkeypatch.setattr(rust.shutil, "which", hidden)


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

    result = compile_package(config, "zig", package, "m", on_tick=lambda: False)

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
bare = sys.argv[2] == "bare"
settings = SandboxSettings(bubblewrap="/no/bwrap", allow_unsandboxed=True) if bare else SandboxSettings()
config = ToolchainConfig(cache_folder=Path(sys.argv[1]), sandbox=settings)
print(json.dumps({name: [type(result).__name__, repr(result)[:500]]
                  for name, result in probe(config).items()}))
"""


@pytest.mark.parametrize("way", ["contained", "bare"])
def test_a_worker_that_is_not_root_compiles_too(tmp_path: Path, way: str) -> None:
    """`bare` is the operator's choice to do without a sandbox; it is tried the same way."""
    results = json.loads(run_as_stranger(tmp_path, way))

    for name in ("wat", "zig", "c"):
        assert results[name][0] == "Compiled", results[name]
    assert list(Path("/tmp").glob("worldsim-run-*")) == []  # noqa: S108 - where they would be


def run_as_stranger(tmp_path: Path, way: str) -> str:
    """Run the probe as a user other than root; where that is so already, as this one."""
    env = {"HOME": "/", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    if os.geteuid() != 0:
        words = [sys.executable, "-c", AS_STRANGER, str(tmp_path / "cache"), way]
        return subprocess.run(
            words, cwd=ROOT, env=env, check=True, capture_output=True
        ).stdout.decode()
    python = shutil.which("python3", path="/usr/bin")
    assert python is not None
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    env["PYTHONPATH"] = f"{ROOT}:{packages}"
    cache = Path("/var/tmp") / f"worldsim-test-{os.getpid()}-{way}"  # noqa: S108 - open to others
    cache.mkdir(mode=0o700)
    os.chown(cache, STRANGER, STRANGER)
    try:
        done = subprocess.run(
            [python, "-c", AS_STRANGER, str(cache), way],
            cwd="/",
            env=env,
            user=STRANGER,
            group=STRANGER,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
    finally:
        shutil.rmtree(cache)
