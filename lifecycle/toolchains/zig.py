"""The Zig toolchain, and what C shares with it: the `ziglang` wheel and its warmed cache."""

import os
import shutil
import tempfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lifecycle.core.source_package import ZIG, SourcePackage
from lifecycle.sandbox.job import Bind, CacheMount, Link, SandboxJob
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Outcome
from lifecycle.sandbox.private_folder import remove_stale
from lifecycle.sandbox.runner import ask_tool
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.diagnostics import bounded, last_words, parse_located
from lifecycle.toolchains.fingerprint import digest_of
from lifecycle.toolchains.results import Diagnostic
from lifecycle.toolchains.toolchain import (
    BASE_ENV,
    OUTPUT_NAME,
    Language,
    Missing,
    Toolchain,
    package_bytes,
)

# WebAssembly 2.0 without simd, named one by one: what a new compiler calls "generic" may grow.
CPU: Final = (
    "mvp+bulk_memory+bulk_memory_opt+multivalue+mutable_globals+nontrapping_fptoint"
    "+reference_types+sign_ext"
)
TARGET: Final = ("-target", "wasm32-freestanding", f"-mcpu={CPU}")
# What decides which of the compiler's own library a linked C program needs.
LINK_FLAGS: Final = ("-Wl,--no-entry", "-Os", "-g0", "-s")
_FLAGS: Final = (
    *TARGET,
    "-fno-entry",
    "-rdynamic",
    "-OReleaseSmall",
    "-fstrip",
    "-fsingle-threaded",
)
# These change what is said and nothing of what is made.
_MESSAGES: Final = ("--color", "off", "-freference-trace=8")
_HOME: Final = "/sandbox/tools/zig"
_CACHE: Final = "/sandbox/tools/cache"
_PROGRAM: Final = f"{_HOME}/zig"
_INSTALL_HINT: Final = "pip install ziglang==0.17.1"
_CACHE_ENV: Final = {
    **BASE_ENV,
    "ZIG_GLOBAL_CACHE_DIR": _CACHE,
    "ZIG_LOCAL_CACHE_DIR": "/sandbox/work/tmp/zig-cache",
}
_WARM_S: Final = 300.0
_WARMING: Final = "warming-"

_WARMING_C: Final = "unsigned long long f(unsigned long long n) { return n * (__int128)n >> 64; }\n"

_PROBE: Final = SourcePackage(
    manifest_path="probe.zig",
    files={
        "probe.zig": (
            'const std = @import("std");\n'
            "export fn probe(n: u64) u64 {\n"
            "    var text: [32]u8 = undefined;\n"
            '    return (std.fmt.bufPrint(&text, "{d}", .{n}) catch unreachable).len;\n'
            "}\n"
        )
    },
)


def find_zig(config: ToolchainConfig, name: str, flags: tuple[str, ...]) -> Toolchain | Missing:
    """Find the wheel; its cache is warmed before the first compile, not here."""
    spec = find_spec("ziglang")
    try:
        wheel = distribution("ziglang")
    except PackageNotFoundError:
        return Missing("the ziglang wheel is not installed", _INSTALL_HINT)
    home = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    if home is None or not os.access(home / "zig", os.X_OK):
        return Missing("the ziglang wheel holds no compiler", _INSTALL_HINT)
    record = [
        Path(str(wheel.locate_file(file))) for file in wheel.files or () if file.name == "RECORD"
    ]
    base = digest_of((wheel.version, *_FLAGS, *LINK_FLAGS), [home / "zig", *record])
    cache = config.cache_folder / f"zig-{wheel.version}-{base[:16]}"
    return Toolchain(
        version=wheel.version,
        digest=digest_of((name, base, *flags), ()),
        flags=flags,
        program=(_PROGRAM,),
        binds=(Bind(home, _HOME),),
        # In place of a whole /proc: the compiler asks where it stands, and starts itself again.
        links=(Link("/proc/self/exe", _PROGRAM),),
        caches=(CacheMount(cache, _CACHE),),
    )


def zig_job(
    toolchain: Toolchain, package: SourcePackage, words: tuple[str, ...], limits: Limits
) -> SandboxJob:
    """Write the sandbox job that runs the compiler with these words."""
    return SandboxJob(
        argv=(*toolchain.program, *words),
        files=package_bytes(package),
        limits=limits,
        output=OUTPUT_NAME,
        binds=toolchain.binds,
        caches=toolchain.caches,
        links=toolchain.links,
        env=_CACHE_ENV,
    )


def diagnose_located(outcome: Outcome, _package: SourcePackage) -> tuple[Diagnostic, ...]:
    """Read what clang and Zig say; where that has no known form, its end as it is."""
    text = outcome.stderr.decode(errors="replace")
    return bounded(parse_located(text) or last_words(outcome))


def _find(config: ToolchainConfig) -> Toolchain | Missing:
    return find_zig(config, ZIG, _FLAGS)


def _job(
    toolchain: Toolchain, package: SourcePackage, _module_id: str, limits: Limits
) -> SandboxJob:
    output = f"-femit-bin=/sandbox/work/out/{OUTPUT_NAME}"
    words = ("build-exe", f"./{package.manifest_path}", *toolchain.flags, *_MESSAGES, output)
    return zig_job(toolchain, package, words, limits)


def prepare_zig(config: ToolchainConfig, toolchain: Toolchain) -> str | None:
    """Warm the cache once: the compiler's own library for the target takes seconds to compile.

    It is made beside its place and moved there whole, so that two workers which start at once
    never see half of one.

    Returns:
        What is wrong, or `None`.
    """
    place, home = toolchain.caches[0].source, toolchain.binds[0].source
    if place.is_dir():
        return None
    config.cache_folder.mkdir(parents=True, exist_ok=True)
    remove_stale(config.cache_folder, _WARMING)
    prefix = f"{_WARMING}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=config.cache_folder) as folder:
        made = _warm(Path(folder), home)
        if made is None:
            return "the compiler does not run on this machine"
        _hand_over(made, config.sandbox.user_id)
        # Another worker may have been first; what it made is the same.
        with suppress(OSError):
            made.rename(place)
    return None if place.is_dir() else f"{place} cannot be made"


def _warm(folder: Path, home: Path) -> Path | None:
    """Compile one program of each kind, so that what both need is there."""
    for name, text in (("probe.zig", _PROBE.files["probe.zig"]), ("probe.c", _WARMING_C)):
        (folder / name).write_text(text)
    cache = folder / "cache"
    env = {
        **BASE_ENV,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "ZIG_GLOBAL_CACHE_DIR": str(cache),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "local"),
    }
    zig = str(home / "zig")
    for words in (
        (zig, "build-exe", f"{folder}/probe.zig", *_FLAGS, f"-femit-bin={folder}/1.wasm"),
        (zig, "cc", *TARGET, *LINK_FLAGS, "-o", f"{folder}/2.wasm", f"{folder}/probe.c"),
    ):
        answer = ask_tool(words, env=env, timeout_s=_WARM_S, tied=True)
        if answer is None or answer.code != 0:
            return None
    return cache


def _hand_over(folder: Path, user_id: int) -> None:
    """Give the cache to the user that the sandbox is started as, where that is another.

    The compiler opens its cache for writing, and what it writes goes to a copy that dies with
    the sandbox. The kernel still asks whether that user might write to the file.
    """
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user_id, user_id)


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=diagnose_located,
    prepare=prepare_zig,
    probe=_PROBE,
    missing_hint="the root source file must export at least one function",
)
