"""Compiling in tests: one warmed configuration, short limits, and small crates."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from lifecycle.core.source_package import SourcePackage
from lifecycle.sandbox.limits import MIB, Limits
from lifecycle.toolchains.catalog import ToolchainConfig, compile_package
from lifecycle.toolchains.results import Compiled, CompileFailed, CompileResult

LIMITS: Final = Limits(wall_ms=30_000, tree_memory_bytes=600 * MIB, tmpfs_bytes=64 * MIB)
EXAMPLES: Final = Path(__file__).parents[2] / "examples"
CRATE: Final = (
    '[package]\nname = "made"\nversion = "0.1.0"\nedition = "2021"\n\n'
    '[lib]\ncrate-type = ["cdylib"]\n'
)


class Bench:
    """Compiles packages with one configuration."""

    def __init__(self, config: ToolchainConfig) -> None:
        self.config = config

    def compile(
        self, name: str, manifest: str, files: Mapping[str, str], **limits: int
    ) -> CompileResult:
        """Compile a package, within other limits where they are named."""
        config = replace(self.config, limits=replace(self.config.limits, **limits))
        package = SourcePackage(manifest_path=manifest, files=files)
        return compile_package(config, name, package, "module-id")

    def failed(
        self, name: str, manifest: str, files: Mapping[str, str], **limits: int
    ) -> CompileFailed:
        """Compile a package that must fail."""
        result = self.compile(name, manifest, files, **limits)
        assert isinstance(result, CompileFailed), result
        return result

    def made(self, name: str, manifest: str, files: Mapping[str, str]) -> Compiled:
        """Compile a package that must succeed."""
        result = self.compile(name, manifest, files)
        assert isinstance(result, Compiled), result
        return result

    def c(self, text: str, **limits: int) -> CompileFailed:
        """Compile one C file that must fail."""
        return self.failed("c", "main.c", {"main.c": text}, **limits)

    def zig(self, text: str, **limits: int) -> CompileFailed:
        """Compile one Zig file that must fail."""
        return self.failed("zig", "main.zig", {"main.zig": text}, **limits)

    def rust(self, text: str, **limits: int) -> CompileFailed:
        """Compile a crate of one file that must fail."""
        return self.failed("rust", "Cargo.toml", crate(text), **limits)


def crate(text: str, **more: str) -> dict[str, str]:
    """A crate of one file."""
    return {"Cargo.toml": CRATE, "src/lib.rs": text, **more}


def example(folder: str) -> dict[str, str]:
    """Read the files of an example."""
    root = EXAMPLES / folder
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(root)): path.read_text() for path in paths}


def messages(result: CompileResult) -> str:
    """Everything that the compiler said."""
    return "\n".join(found.message for found in result.diagnostics)
