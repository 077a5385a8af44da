"""Decisions to start from, so that nobody meets an empty form. They must parse as they stand."""

from typing import Any, Final, NamedTuple

from lifecycle.access.callers import SeenWorld
from lifecycle.usecases.queries.artifacts import ArtifactRow, artifacts_page, newest_artifact_of

_WAT: Final = """\
(module
  (memory (export "memory") 1)
  (func (export "tick") (param $now i32) (result i32)
    local.get $now
    i32.const 1
    i32.add))
"""
_ZIG: Final = """\
var ticks: i32 = 0;

export fn tick(now: i32) i32 {
    ticks += 1;
    return now + ticks;
}
"""
_C: Final = """\
static int ticks = 0;

__attribute__((export_name("tick"))) int tick(int now) {
    ticks += 1;
    return now + ticks;
}
"""
_RUST_MANIFEST: Final = """\
[package]
name = "clock"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]
"""
_RUST: Final = """\
#[no_mangle]
pub extern "C" fn tick(now: i32) -> i32 {
    now + 1
}
"""


class Example(NamedTuple):
    """A decision under the name that the page's address uses."""

    name: str
    title: str
    decision: dict[str, Any]


def _compile(manifest: str, files: dict[str, str]) -> dict[str, Any]:
    return {
        "decision": "compile_module_artifact_from_source",
        "module_id": "clock",
        "manifest_path": manifest,
        "source_files": files,
    }


INSTALL: Final = "install"
EXAMPLES: Final = (
    Example("wat", "Compile WebAssembly text", _compile("clock.wat", {"clock.wat": _WAT})),
    Example("zig", "Compile Zig", _compile("clock.zig", {"clock.zig": _ZIG})),
    Example("c", "Compile C", _compile("clock.c", {"clock.c": _C})),
    Example(
        "rust",
        "Compile Rust",
        _compile("Cargo.toml", {"Cargo.toml": _RUST_MANIFEST, "src/lib.rs": _RUST}),
    ),
    Example(
        INSTALL,
        "Install the newest artifact",
        {
            "decision": "install_module_from_artifact",
            "module_id": "clock",
            "module_version": "0.1.0",
            "wasm_hash": "0" * 64,
        },
    ),
    Example("wait", "Wait", {"decision": "wait_ticks", "ticks": 5}),
)


def find_example(name: str, world: SeenWorld, agent_id: str) -> dict[str, Any] | None:
    """Give an example to edit, fitted to a world; `None` where there is none of this name.

    What an agent may install is what it published itself; where it published nothing, the newest
    artifact of all stands there, and the rules say what is wrong with it.
    """
    for example in EXAMPLES:
        if example.name == name:
            return _fitted(example, world, agent_id)
    return None


def _fitted(example: Example, world: SeenWorld, agent_id: str) -> dict[str, Any]:
    newest = _newest(world, agent_id) if example.name == INSTALL else None
    if newest is None:
        return example.decision
    module_id = newest.module_id_hint or example.decision["module_id"]
    return {**example.decision, "module_id": module_id, "wasm_hash": newest.wasm_hash}


def _newest(world: SeenWorld, agent_id: str) -> ArtifactRow | None:
    own = newest_artifact_of(world, agent_id)
    return own or next(iter(artifacts_page(world, limit=1).rows), None)
