"""A compile through the service beside the bare compiler, for each toolchain that is here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from bench import service
from bench.measuring import Row, latencies, show

TIMES = 7
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
# A comment that makes each compile a new one, so that none comes from the cache.
MARKS = {".wat": ";; {}\n", ".zig": "// {}\n", ".c": "// {}\n", ".toml": "# {}\n"}
BARE: Mapping[str, tuple[str, ...]] = {
    "zig": (
        *(sys.executable, "-m", "ziglang", "build-exe", "MANIFEST", "-target"),
        *("wasm32-freestanding", "-fno-entry", "-rdynamic", "-OReleaseSmall", "-fstrip"),
    ),
    "c": (
        *(sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-nostdlib"),
        *("-Wl,--no-entry", "-Os", "-o", "out.wasm", "SOURCES"),
    ),
    "rust": (
        *("/usr/bin/cargo", "build", "--release", "--offline", "--target"),
        "wasm32-unknown-unknown",
    ),
}

Files = dict[str, str]


def package_of(folder: Path) -> tuple[str, Files]:
    """Read an example; give its manifest's path and its files."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".md"
    }
    manifest = next(path for path in files if path.endswith((".wat", ".zig", ".c", "Cargo.toml")))
    return "Cargo.toml" if "Cargo.toml" in files else manifest, files


def marked(manifest: str, files: Files, number: int) -> Files:
    """Give the same package with a comment of its own in the manifest."""
    mark = MARKS[Path(manifest).suffix].format(number)
    return {**files, manifest: files[manifest] + mark}


def bare(command: tuple[str, ...], manifest: str, files: Files) -> Callable[[], object]:
    """Give a function that writes the files out and starts the compiler on them."""
    sources = [path for path in files if path.endswith(".c")]
    words = [
        word
        for part in command
        for word in {"MANIFEST": [manifest], "SOURCES": sources}.get(part, [part])
    ]
    numbers = count()
    environment = {**os.environ, "RUSTC": "/usr/bin/rustc"}

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in marked(manifest, files, next(numbers)).items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)

    return run


def through_service(name: str, manifest: str, files: Files) -> Callable[[], object]:
    """Give a function that submits the package and runs its job in this process."""
    from lifecycle.core.ids import AgentId
    from lifecycle.models.jobs import CompileJob
    from lifecycle.protocol.parser import Parsed, parse_decision
    from lifecycle.usecases.compile import run_job
    from lifecycle.usecases.submit import Submission, submit

    numbers = count(1_000)

    def run() -> None:
        body = {
            "decision": "compile_module_artifact_from_source",
            "module_id": name,
            "manifest_path": manifest,
            "source_files": marked(manifest, files, next(numbers)),
        }
        parsed = parse_decision(json.dumps(body).encode())
        if not isinstance(parsed, Parsed):
            raise TypeError(parsed.code)
        submit(Submission(service.SLUG, AgentId(service.AGENT), None, "api"), parsed)
        ended = run_job(CompileJob.objects.latest("id").pk)
        if ended != "succeeded":
            raise ValueError(ended)

    return run


def main() -> int:
    """Measure each toolchain that is here, the service and the bare compiler in turn."""
    service.start()
    from lifecycle.usecases.compilers import statuses

    rows: list[Row] = []
    here = {status.name for status in statuses() if status.available}
    for name in sorted(here & {path.name for path in EXAMPLES.iterdir()}):
        folder = next(path for path in (EXAMPLES / name).iterdir() if path.is_dir())
        manifest, files = package_of(folder)
        tasks = {f"{name}: through the service": through_service(name, manifest, files)}
        if name in BARE and (name != "rust" or shutil.which("/usr/bin/cargo")):
            tasks[f"{name}: the bare compiler"] = bare(BARE[name], manifest, files)
        for task in tasks.values():
            task()  # the first of each fills the compiler's own caches
        measured = list(latencies(tasks, TIMES).values())
        rows += measured
    return show(rows)


if __name__ == "__main__":
    sys.exit(main())
