"""The WebAssembly text toolchain: the engine's own assembler, run in the sandbox by Python."""

import re
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lifecycle.core.source_package import WAT, SourcePackage
from lifecycle.sandbox.job import Bind, SandboxJob
from lifecycle.sandbox.libraries import library_binds
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Outcome
from lifecycle.sandbox.runner import shared_libraries
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.diagnostics import bounded, last_words
from lifecycle.toolchains.fingerprint import digest_of
from lifecycle.toolchains.results import Diagnostic
from lifecycle.toolchains.toolchain import (
    BASE_ENV,
    OUTPUT_NAME,
    Language,
    Missing,
    Toolchain,
    nothing_to_prepare,
    package_bytes,
)
from lifecycle.wasm import assemble

_HOME: Final = "/sandbox/tools/python"
_PROGRAM: Final = f"{_HOME}/bin/python3"
_SCRIPT: Final = "/sandbox/tools/wat/assemble.py"
_LIBRARY: Final = "/sandbox/tools/wat/_libwasmtime.so"
_INSTALL_HINT: Final = "pip install wasmtime==50.0.1"
_PLACE: Final = re.compile(r"^\s*--> <anon>:(?P<line>\d+):(?P<column>\d+)", re.MULTILINE)


def _find(_config: ToolchainConfig) -> Toolchain | Missing:
    library = _engine()
    try:
        engine_version = version("wasmtime")
    except PackageNotFoundError:
        library = None
        engine_version = ""
    if library is None:
        return Missing("the wasmtime wheel is not installed", _INSTALL_HINT)
    script = Path(assemble.__file__)
    return Toolchain(
        version=engine_version,
        digest=digest_of((WAT, engine_version), [library, script]),
        flags=(),
        program=(_PROGRAM, "-I", "-S", _SCRIPT, _LIBRARY),
        binds=(Bind(library, _LIBRARY), Bind(script, _SCRIPT), *_python(library)),
    )


def _engine() -> Path | None:
    """Find the engine's shared library among the installed packages, without loading it."""
    spec = find_spec("wasmtime")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("*/_libwasmtime.so"))), None)


def _python(engine: Path) -> tuple[Bind, ...]:
    """Bind this interpreter and its standard library, and the libraries that those need."""
    program = Path(sys.executable).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    parts = (program, engine, *sorted(standard.glob("lib-dynload/_ctypes.*.so")))
    libraries = dict.fromkeys(library for part in parts for library in shared_libraries(part))
    own = [library for library in libraries if not _is_of_system(library)]
    return (
        Bind(program, _PROGRAM),
        Bind(standard, f"{_HOME}/lib/{standard.name}"),
        *library_binds(library for library in libraries if _is_of_system(library)),
        *(Bind(library.resolve(), f"{_HOME}/lib/{library.name}") for library in own),
    )


def _is_of_system(library: Path) -> bool:
    """Say whether the loader finds a library without being told where."""
    return any(library.resolve().is_relative_to(root) for root in ("/lib", "/lib64", "/usr/lib"))


def _job(
    toolchain: Toolchain, package: SourcePackage, _module_id: str, limits: Limits
) -> SandboxJob:
    return SandboxJob(
        argv=(*toolchain.program, f"./{package.manifest_path}", f"/sandbox/work/out/{OUTPUT_NAME}"),
        files=package_bytes(package),
        limits=limits,
        output=OUTPUT_NAME,
        binds=toolchain.binds,
        env={**BASE_ENV, "LD_LIBRARY_PATH": f"{_HOME}/lib", "PYTHONHOME": _HOME},
    )


def _diagnose(outcome: Outcome, package: SourcePackage) -> tuple[Diagnostic, ...]:
    """Read the one message of the assembler: what it expected, and below that the place."""
    text = outcome.stderr.decode(errors="replace")
    match = _PLACE.search(text)
    if match is None:
        return bounded(last_words(outcome))
    message = text[: match.start()].strip()
    place = int(match["line"]), int(match["column"])
    return bounded([Diagnostic(package.manifest_path, *place, "error", message)])


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=_diagnose,
    prepare=nothing_to_prepare,
    probe=SourcePackage(
        manifest_path="probe.wat",
        files={"probe.wat": '(module (func (export "probe") (result i32) i32.const 1))\n'},
    ),
    missing_hint="the manifest must hold one (module ...)",
)
