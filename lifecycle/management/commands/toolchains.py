"""`toolchains`: what this machine can compile, tried by compiling."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, broken
from lifecycle.sandbox.job import SandboxStatus
from lifecycle.sandbox.runner import sandbox_status
from lifecycle.toolchains.catalog import probe
from lifecycle.toolchains.results import Compiled, CompileResult, ToolchainStatus
from lifecycle.usecases.compilers import statuses, toolchain_config


class Command(OperatorCommand):
    """Say what this machine can compile."""

    help = (
        "List the toolchains of this machine with version and digest, say how to install those "
        "that are missing, and compile a small program with each in the sandbox. Exit status 1 "
        "when the sandbox or a toolchain that is here does not work."
    )
    example = "toolchains\ntoolchains --no-probe --json"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to try them."""
        parser.add_argument("--no-probe", action="store_true", help="List them, compile nothing.")

    def work(self, options: Namespace) -> None:
        """Look, try, print, and fail where what is here does not work."""
        sandbox = sandbox_status(toolchain_config().sandbox)
        tried = {} if options.no_probe else probe(toolchain_config())
        if options.json:
            self.tell_json(
                {
                    "sandbox": _sandbox_document(sandbox),
                    "toolchains": [_document(one, tried.get(one.name)) for one in statuses()],
                }
            )
        else:
            self.tell(_sandbox_line(sandbox))
            for status in statuses():
                self.tell("\n".join(_lines(status, tried.get(status.name))))
        fault = _fault(sandbox, tried)
        if fault is not None:
            raise broken(fault)


def _fault(sandbox: SandboxStatus, tried: Mapping[str, CompileResult]) -> str | None:
    allowed = toolchain_config().sandbox.allow_unsandboxed
    if not sandbox.available and not allowed:
        return f"No sandbox, so nothing is compiled: {sandbox.problem}. {sandbox.install_hint}"
    here = {status.name for status in statuses() if status.available}
    failing = [name for name, result in tried.items() if not isinstance(result, Compiled)]
    broken_here = sorted(here.intersection(failing))
    return f"Does not work here: {', '.join(broken_here)}." if broken_here else None


def _sandbox_line(sandbox: SandboxStatus) -> str:
    if sandbox.available:
        return f"sandbox   {sandbox.kind} {sandbox.version}"
    return f"sandbox   none: {sandbox.problem}\n          install it: {sandbox.install_hint}"


def _lines(status: ToolchainStatus, result: CompileResult | None) -> list[str]:
    name = f"{status.name:<9}"
    if not status.available:
        return [
            f"{name} missing: {status.problem}",
            *([f"          install it: {status.install_hint}"] if status.install_hint else []),
        ]
    return [
        f"{name} {status.version}",
        f"          digest {status.digest}",
        *([f"          {_told(result)}"] if result is not None else []),
    ]


def _told(result: CompileResult) -> str:
    if isinstance(result, Compiled):
        return f"compiled a probe to {len(result.wasm)} bytes in {result.duration_ms} ms"
    said = "; ".join(diagnostic.message for diagnostic in result.diagnostics[:3])
    return f"the probe failed: {result.code} {dict(result.facts)} {said}".rstrip()


def _sandbox_document(sandbox: SandboxStatus) -> dict[str, Any]:
    return {
        "available": sandbox.available,
        "kind": sandbox.kind,
        "version": sandbox.version,
        "problem": sandbox.problem,
        "install_hint": sandbox.install_hint,
    }


def _document(status: ToolchainStatus, result: CompileResult | None) -> dict[str, Any]:
    return {
        "name": status.name,
        "available": status.available,
        "version": status.version,
        "digest": status.digest,
        "flags": list(status.flags),
        "problem": status.problem,
        "install_hint": status.install_hint,
        "probe": None if result is None else _probe_document(result),
    }


def _probe_document(result: CompileResult) -> dict[str, Any]:
    if isinstance(result, Compiled):
        return {"ok": True, "bytes_len": len(result.wasm), "duration_ms": result.duration_ms}
    return {"ok": False, "code": result.code, "facts": dict(result.facts)}
