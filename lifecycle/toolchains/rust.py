"""The Rust toolchain: `cargo`, offline, for a crate that makes a cdylib."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lifecycle.core.source_package import RUST, SourcePackage
from lifecycle.sandbox.job import Bind, Link, SandboxJob
from lifecycle.sandbox.libraries import library_binds
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.runner import ask_tool, shared_libraries
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.fingerprint import digest_of
from lifecycle.toolchains.rust_messages import diagnose
from lifecycle.toolchains.toolchain import (
    BASE_ENV,
    Language,
    Missing,
    Toolchain,
    nothing_to_prepare,
    package_bytes,
)

TARGET: Final = "wasm32-unknown-unknown"
_HOME: Final = "/sandbox/tools/rust"
_TARGET_FOLDER: Final = "/sandbox/work/out/target"
_INSTALL_HINT: Final = "apt-get install rustc cargo libstd-rust-dev-wasm32 lld"
_RUSTUP_HINT: Final = "rustup target add wasm32-unknown-unknown"
# WebAssembly 2.0 as far as every Rust since 1.63 knows it, named one by one.
_FLAGS: Final = (
    "-Ctarget-cpu=mvp",
    "-Ctarget-feature=+bulk-memory,+mutable-globals,+nontrapping-fptoint,+sign-ext",
    "-Cstrip=symbols",
    "-Cdebuginfo=0",
    "--remap-path-prefix=/sandbox/work/src=.",
    "--remap-path-prefix=/sandbox/work/tmp/cargo=cargo",
)
_CARGO_FLAGS: Final = (
    "--release",
    "--offline",
    "--lib",
    "--target",
    TARGET,
    "--message-format=json",
    "--color=never",
    "--jobs=2",
)


def find_sysroot(config: ToolchainConfig) -> Path | Missing:
    """Find a Rust that can compile for the target, and give its root folder.

    `rustc` on the PATH is often a stand-in that picks one of several toolchains; asked for its
    root, it names the real one.
    """
    roots: list[Path] = []
    for candidate in _candidates(config):
        root = _sysroot(candidate)
        if root is not None and root not in roots:
            roots.append(root)
    for root in roots:
        if any(_target_library(root).glob("libcore-*.rlib")) and _linker(root) is not None:
            return root
    if not roots:
        return Missing("no rustc is installed", _INSTALL_HINT)
    names = ", ".join(map(str, roots))
    return Missing(
        f"the installed Rust ({names}) lacks the target {TARGET} or a linker for it",
        f"{_INSTALL_HINT} || {_RUSTUP_HINT}",
    )


def _candidates(config: ToolchainConfig) -> Iterator[str]:
    if config.rust is not None:
        inner = Path(config.rust) / "bin" / "rustc"
        yield str(inner if inner.exists() else config.rust)
    for path in (None, "/usr/bin"):
        found = shutil.which("rustc", path=path)
        if found is not None:
            yield found


def _sysroot(rustc: str) -> Path | None:
    names = ("HOME", "PATH", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN")
    env = {name: os.environ[name] for name in names if name in os.environ}
    answer = ask_tool([rustc, "--print", "sysroot"], env=env)
    if answer is None or answer.code != 0:
        return None
    root = Path(answer.stdout.strip())
    tools = [root / "bin" / "rustc", root / "bin" / "cargo"]
    return root if all(os.access(tool, os.X_OK) for tool in tools) else None


def _target_library(root: Path) -> Path:
    return root / "lib" / "rustlib" / TARGET / "lib"


def _linker(root: Path) -> Path | None:
    """Find `rust-lld`: rustup's stands below the root, Debian's among the programs."""
    own = next(iter(sorted(root.glob("lib/rustlib/*/bin/rust-lld"))), None)
    found = shutil.which("rust-lld", path=f"{root / 'bin'}:/usr/bin")
    return own or (Path(found) if found else None)


def _find(config: ToolchainConfig) -> Toolchain | Missing:
    root = find_sysroot(config)
    if isinstance(root, Missing):
        return root
    linker = _linker(root)
    answer = ask_tool([str(root / "bin" / "rustc"), "-vV"])
    if answer is None or answer.code != 0 or linker is None:
        return Missing(f"the Rust at {root} does not run", _INSTALL_HINT)
    programs = (root / "bin" / "rustc", root / "bin" / "cargo", linker)
    fixed = [*programs, *_own_libraries(programs), *sorted(_target_library(root).iterdir())]
    return Toolchain(
        version=answer.stdout.split()[1],
        digest=digest_of((RUST, answer.stdout, *_FLAGS, *_CARGO_FLAGS), fixed),
        flags=_FLAGS,
        program=(f"{_HOME}/bin/cargo",),
        binds=_binds(root, programs),
        # In place of a whole /proc: rustc will not start unless it can ask where it stands.
        links=(Link("/proc/self/exe", f"{_HOME}/bin/rustc"),),
    )


def _own_libraries(programs: tuple[Path, ...]) -> list[Path]:
    """List the libraries that hold the compiler itself; the rest are the system's."""
    parts = ("librustc", "libstd-", "libLLVM")
    libraries = dict.fromkeys(
        library for program in programs for library in shared_libraries(program)
    )
    return [library for library in libraries if library.name.startswith(parts)]


def _binds(root: Path, programs: tuple[Path, ...]) -> tuple[Bind, ...]:
    """Show a small root of our own, the same for every way Rust is installed.

    The host's own standard library is left out: nothing can be linked that would run here, so
    a build script or a procedural macro cannot even come to be.
    """
    rustc, cargo, linker = programs
    libraries = dict.fromkeys(
        library for program in programs for library in shared_libraries(program)
    )
    own = [library for library in libraries if library.resolve().is_relative_to(root / "lib")]
    compiler = [library for library in libraries if library in own]
    target = root / "lib" / "rustlib" / TARGET
    return (
        Bind(rustc.resolve(), f"{_HOME}/bin/rustc"),
        Bind(cargo.resolve(), f"{_HOME}/bin/cargo"),
        Bind(linker.resolve(), f"{_HOME}/bin/rust-lld"),
        Bind(target, f"{_HOME}/lib/rustlib/{TARGET}"),
        *(Bind(library.resolve(), f"{_HOME}/lib/{library.name}") for library in compiler),
        *library_binds(library for library in libraries if library not in own),
    )


def _job(
    toolchain: Toolchain, package: SourcePackage, _module_id: str, limits: Limits
) -> SandboxJob:
    manifest = f"/sandbox/work/src/{package.manifest_path}"
    return SandboxJob(
        argv=(*toolchain.program, "build", *_CARGO_FLAGS, "--manifest-path", manifest),
        files=package_bytes(package),
        limits=limits,
        output=f"target/{TARGET}/release/*.wasm",
        binds=toolchain.binds,
        links=toolchain.links,
        env={
            **BASE_ENV,
            "PATH": f"{_HOME}/bin",
            "LD_LIBRARY_PATH": f"{_HOME}/lib",
            "RUSTC": f"{_HOME}/bin/rustc",
            "CARGO_HOME": "/sandbox/work/tmp/cargo",
            "CARGO_TARGET_DIR": _TARGET_FOLDER,
            "CARGO_INCREMENTAL": "0",
            "CARGO_ENCODED_RUSTFLAGS": "\x1f".join((f"--sysroot={_HOME}", *_FLAGS)),
        },
        # cargo reads its configuration from here upwards; the package's own is below.
        folder="/sandbox/work/tmp",
    )


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=diagnose,
    prepare=nothing_to_prepare,
    probe=SourcePackage(
        manifest_path="Cargo.toml",
        files={
            "Cargo.toml": (
                '[package]\nname = "probe"\nversion = "0.1.0"\nedition = "2021"\n\n'
                '[lib]\ncrate-type = ["cdylib"]\n'
            ),
            "src/lib.rs": (
                '#[no_mangle]\npub extern "C" fn probe(n: u32) -> u32 {\n'
                "    n.to_string().len() as u32\n}\n"
            ),
        },
    ),
    missing_hint='Cargo.toml must hold [lib] with crate-type = ["cdylib"], for one crate alone',
)
