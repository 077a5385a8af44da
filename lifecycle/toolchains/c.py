"""The C toolchain: `zig cc` over all `.c` files of a package, without a standard library."""

from typing import Final

from lifecycle.core.source_package import C, SourcePackage
from lifecycle.sandbox.job import SandboxJob
from lifecycle.sandbox.limits import Limits
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.toolchain import OUTPUT_NAME, Language, Missing, Toolchain
from lifecycle.toolchains.zig import TARGET, diagnose_located, find_zig, zig_job

_FLAGS: Final = (
    *TARGET,
    "-nostdlib",
    "-Wl,--no-entry",
    # Every function that is not static is an export, whether it is marked as one or not.
    "-rdynamic",
    "-fvisibility=default",
    "-Os",
    "-g0",
    "-s",
    "-fno-sanitize=undefined",
    "-ffile-prefix-map=/work/src=.",
    # The files are new at each compile, and so would their times be.
    "-Wno-builtin-macro-redefined",
    '-D__TIMESTAMP__="Thu Jan  1 00:00:00 1970"',
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
)

_PROBE: Final = SourcePackage(
    manifest_path="probe.c",
    files={
        "probe.c": '#include "probe.h"\nint probe(int n) { return twice(n) + 1; }\n',
        "twice.c": '#include "probe.h"\nint twice(int n) { return n * 2; }\n',
        "probe.h": "#include <stdint.h>\nint twice(int n);\n",
    },
)


def _find(config: ToolchainConfig) -> Toolchain | Missing:
    return find_zig(config, C, _FLAGS)


def _job(
    toolchain: Toolchain, package: SourcePackage, _module_id: str, limits: Limits
) -> SandboxJob:
    sources = sorted(f"./{path}" for path in package.files if path.endswith(".c"))
    words = ("cc", *toolchain.flags, "-I.", "-o", f"/work/out/{OUTPUT_NAME}", *sources)
    return zig_job(toolchain, package, words, limits)


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=diagnose_located,
    probe=_PROBE,
    missing_hint="at least one .c file must define a function that is not static",
)
