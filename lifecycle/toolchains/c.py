"""The C toolchain: `zig cc` over all `.c` files of a package, without a C library."""

import re
from dataclasses import replace
from typing import Final

from lifecycle.core.source_package import C, SourcePackage
from lifecycle.sandbox.job import SandboxJob
from lifecycle.sandbox.limits import Limits
from lifecycle.sandbox.outcome import Outcome
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.results import Diagnostic
from lifecycle.toolchains.toolchain import OUTPUT_NAME, Language, Missing, Toolchain
from lifecycle.toolchains.zig import (
    LINK_FLAGS,
    TARGET,
    diagnose_located,
    find_zig,
    prepare_zig,
    zig_job,
)

_FLAGS: Final = (
    *TARGET,
    *LINK_FLAGS,
    # Every function that is not static is an export, whether it is marked as one or not.
    "-rdynamic",
    "-fvisibility=default",
    "-fno-sanitize=undefined",
    "-ffile-prefix-map=/sandbox/work/src=.",
    # Dates and times differ at each compile, so they are refused by name.
    "-Werror=date-time",
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
)

# The driver looks for a list of dependencies that clang does not write once `#embed` fails.
_HIDDEN: Final = re.compile(r"failed to read '[^']*\.d': FileNotFound")
_EMBED_MISSING: Final = "a file that #embed names was not found in the package"

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
    words = ("cc", *toolchain.flags, "-I.", "-o", f"/sandbox/work/out/{OUTPUT_NAME}", *sources)
    return zig_job(toolchain, package, words, limits)


def _diagnose(outcome: Outcome, package: SourcePackage) -> tuple[Diagnostic, ...]:
    """Read what clang says, and say in its place what the driver hides."""
    return tuple(
        replace(found, line=None, column=None, message=_EMBED_MISSING)
        if _HIDDEN.fullmatch(found.message)
        else found
        for found in diagnose_located(outcome, package)
    )


LANGUAGE: Final = Language(
    find=_find,
    job=_job,
    diagnose=_diagnose,
    prepare=prepare_zig,
    probe=_PROBE,
    missing_hint="at least one .c file must define a function that is not static",
)
