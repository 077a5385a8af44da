"""The operator's own compiler, called as ``CMD MODULE_ID WORKSPACE MANIFEST OUT``.

The command is the operator's and trusted; what it is given is not, so it runs in the sandbox too.
MANIFEST is relative to WORKSPACE, which is also the current folder.
"""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lifecycle.core.source_package import COMMAND, SourcePackage
from lifecycle.sandbox.job import OUTPUT_FOLDER, SOURCE_FOLDER, Bind, SandboxJob
from lifecycle.sandbox.libraries import root_links
from lifecycle.sandbox.limits import Limits
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.fingerprint import digest_of
from lifecycle.toolchains.toolchain import (
    BASE_ENV,
    OUTPUT_NAME,
    Language,
    Missing,
    Toolchain,
    nothing_to_prepare,
    package_bytes,
)
from lifecycle.toolchains.zig import diagnose_located

_PATH: Final = "/usr/bin:/bin"
# The system's programs, without what an administrator put beside them.
_SYSTEM: Final = ("bin", "lib", "lib32", "lib64", "libexec", "include")
_ROOT: Final = ("/bin", "/lib", "/lib64")


def _find(config: ToolchainConfig) -> Toolchain | Missing:
    hint = "set WORLDSIM_SOURCE_COMPILER to a command line"
    try:
        words = shlex.split(config.source_compiler or "")
    except ValueError as error:
        return Missing(f"WORLDSIM_SOURCE_COMPILER cannot be read: {error}", hint)
    if not words:
        return Missing("no WORLDSIM_SOURCE_COMPILER is set", hint)
    found = shutil.which(words[0])
    if found is None:
        return Missing("the command in WORLDSIM_SOURCE_COMPILER is not found", hint)
    program = Path(found).absolute()
    mentioned = [Path(word) for word in words[1:] if word.startswith("/") and Path(word).exists()]
    files = [path for path in (program, *mentioned) if path.is_file()]
    digest = digest_of((COMMAND, *words), files)
    return Toolchain(
        version=f"sha256:{digest[:16]}",
        digest=digest,
        flags=tuple(words[1:]),
        program=(str(program), *words[1:]),
        binds=tuple(_binds((program, *mentioned, *config.command_binds))),
        links=root_links(),
    )


def _binds(paths: tuple[Path, ...]) -> Iterator[Bind]:
    """Show the system's programs, and each path where it stands on the host."""
    shown = [Path("/usr") / name for name in _SYSTEM if (Path("/usr") / name).is_dir()]
    shown += [Path(path) for path in _ROOT if Path(path).is_dir() and not Path(path).is_symlink()]
    yield from (Bind(path.resolve(), str(path)) for path in shown)
    for path in dict.fromkeys(paths):
        if not any(path.resolve().is_relative_to(folder.resolve()) for folder in shown):
            yield Bind(path.resolve(), str(path))


def _job(
    toolchain: Toolchain, package: SourcePackage, module_id: str, limits: Limits
) -> SandboxJob:
    output = f"{OUTPUT_FOLDER}/{OUTPUT_NAME}"
    return SandboxJob(
        argv=(*toolchain.program, module_id, SOURCE_FOLDER, package.manifest_path, output),
        files=package_bytes(package),
        limits=limits,
        output=OUTPUT_NAME,
        binds=toolchain.binds,
        links=toolchain.links,
        env={**BASE_ENV, "PATH": _PATH},
    )


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=diagnose_located,
    prepare=nothing_to_prepare,
    # Nothing is known about what the command takes; it is found or it is not.
    probe=SourcePackage(manifest_path="", files={}),
    missing_hint="the command in WORLDSIM_SOURCE_COMPILER must write the file named last",
)
