"""Every toolchain by its name: what is installed, and compiling a package with one of them."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from lifecycle.core.source_package import COMMAND, RUST, WAT, ZIG, C, SourcePackage
from lifecycle.sandbox.errors import SandboxUnavailableError
from lifecycle.sandbox.runner import run
from lifecycle.toolchains import c, command, rust, wat, zig
from lifecycle.toolchains.conclusion import Run, conclude
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.log_tail import log_tail
from lifecycle.toolchains.results import (
    CompileFailed,
    CompileResult,
    FailureCode,
    ToolchainStatus,
)
from lifecycle.toolchains.toolchain import Language, Missing, Toolchain

__all__ = [
    "ToolchainConfig",
    "compile_package",
    "detect_toolchains",
    "find_toolchain",
    "prepare_toolchains",
    "probe",
]

# Told the end of what the compiler has said, fit to be shown; False ends the compile.
OnProgress = Callable[[str], bool]
_log = logging.getLogger(__name__)
_LANGUAGES: Final[Mapping[str, Language]] = {
    WAT: wat.LANGUAGE,
    ZIG: zig.LANGUAGE,
    C: c.LANGUAGE,
    RUST: rust.LANGUAGE,
    COMMAND: command.LANGUAGE,
}
_FOUND: Final[dict[tuple[ToolchainConfig, str], tuple[Toolchain, tuple[int | None, ...]]]] = {}


def detect_toolchains(config: ToolchainConfig) -> tuple[ToolchainStatus, ...]:
    """Say of every toolchain whether it is here; the operator's command only where one is set."""
    wanted = [name for name in _LANGUAGES if name != COMMAND or config.source_compiler]
    return tuple(find_toolchain(config, name) for name in wanted)


def find_toolchain(config: ToolchainConfig, name: str) -> ToolchainStatus:
    """Say whether one toolchain is here.

    Raises:
        KeyError: There is no toolchain of that name at all.
    """
    found = _find(config, name)
    if isinstance(found, Missing):
        return ToolchainStatus(
            name,
            available=False,
            version=None,
            digest=None,
            flags=(),
            problem=found.problem,
            install_hint=found.install_hint,
        )
    return ToolchainStatus(
        name,
        available=True,
        version=found.version,
        digest=found.digest,
        flags=found.flags,
        problem=None,
        install_hint=None,
    )


def prepare_toolchains(config: ToolchainConfig) -> None:
    """Do beforehand, with each toolchain that is here, what its first compile would wait for."""
    for status in detect_toolchains(config):
        found = _find(config, status.name)
        if isinstance(found, Toolchain):
            _LANGUAGES[status.name].prepare(config, found)


def compile_package(
    config: ToolchainConfig,
    toolchain_name: str,
    package: SourcePackage,
    module_id: str,
    *,
    on_progress: OnProgress | None = None,
) -> CompileResult:
    """Compile one package in the sandbox.

    Args:
        config: The operator's choices.
        toolchain_name: As `toolchain_name_for` gives it.
        package: Its files; paths are canonical, which the rules have seen to.
        module_id: Given to the operator's command alone; it changes no other output.
        on_progress: Called about every second in this thread with the last lines that the
            compiler has said; False ends the compile as `compile_cancelled`.

    Raises:
        KeyError: There is no toolchain of that name at all.
        SandboxError: The sandbox itself failed; the package has not been judged.
    """
    toolchain = _find(config, toolchain_name)
    if isinstance(toolchain, Missing):
        return _unavailable(toolchain_name, toolchain.problem, toolchain.install_hint)
    problem = _LANGUAGES[toolchain_name].prepare(config, toolchain)
    if problem is not None:
        return _unavailable(toolchain_name, problem, None)
    return _compile(config, toolchain_name, toolchain, package, module_id, on_progress)


def _unavailable(
    name: str,
    problem: str | None,
    install_hint: str | None,
    code: FailureCode = "toolchain_unavailable",
) -> CompileFailed:
    """Refuse for want of a tool. What exactly is wrong with this host is the operator's to read."""
    _log.warning("%s: %s", name, problem)
    facts = {"toolchain": name}
    if install_hint is not None:
        facts["install_hint"] = install_hint
    return CompileFailed(code, facts, diagnostics=(), duration_ms=0)


def _find(config: ToolchainConfig, name: str) -> Toolchain | Missing:
    """Find a toolchain; one that was found is looked for again only when a part of it changed."""
    known = _FOUND.get((config, name))
    if known is not None and _stamps(known[0]) == known[1]:
        return known[0]
    found = _LANGUAGES[name].find(config)
    if isinstance(found, Toolchain):
        _FOUND[config, name] = found, _stamps(found)
    return found


def _stamps(toolchain: Toolchain) -> tuple[int | None, ...]:
    """Give the times at which the parts last changed; `None` for one that is gone."""
    stamps: list[int | None] = []
    for bind in toolchain.binds:
        try:
            stamps.append(bind.source.stat().st_mtime_ns)
        except OSError:
            stamps.append(None)
    return tuple(stamps)


def _compile(
    config: ToolchainConfig,
    name: str,
    toolchain: Toolchain,
    package: SourcePackage,
    module_id: str,
    on_progress: OnProgress | None,
) -> CompileResult:
    language = _LANGUAGES[name]
    job = language.job(toolchain, package, module_id, config.limits)
    on_tick = None if on_progress is None else lambda said: on_progress(log_tail(said))
    try:
        outcome = run(job, config.sandbox, on_tick=on_tick)
    except SandboxUnavailableError as error:
        status = error.status
        return _unavailable(name, status.problem, status.install_hint, "sandbox_unavailable")
    return conclude(Run(name, package, config.limits), language, toolchain, outcome)


def probe(config: ToolchainConfig) -> Mapping[str, CompileResult]:
    """Compile a small real program with each toolchain, in the sandbox.

    The operator's command is left out: nobody but the operator knows what it takes.
    """
    return {
        name: compile_package(config, name, language.probe, "probe")
        for name, language in _LANGUAGES.items()
        if name != COMMAND
    }
