"""The story that is told three ways: a mistake, its diagnostics, the mended module, its upgrade.

How a call reaches the service is in ``ways.py``; nothing here knows of it.
"""

from collections.abc import Generator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from lifecycle.protocol.names import COMPILE_RESULT_TOOL_NAME, STATUS_TOOL_NAME, TOOL_NAME

MODULE: Final = "counter"
TURNS: Final = 5
LAST_VERSION: Final = "0.2.0"
_MANIFEST: Final = "counter.c"
_SOURCE: Final = """static int count;

__attribute__((export_name("tick"))) int tick(void) {{
    count += {step};
    return count{end}
}}
"""
_UNFINISHED: Final = frozenset({"queued", "running"})


class Call(NamedTuple):
    """A tool and its arguments."""

    name: str
    arguments: dict[str, Any]


# Calls go out; the document of a query comes back. What a decision gave is looked up by queries.
Story: TypeAlias = Generator[Call, Mapping[str, Any], None]


def story() -> Story:
    """Tell the calls of one agent, from the mistake to the upgrade."""
    yield _compile(step=1, end="")
    failed = yield from _wait_for_compile()
    [error] = [one for one in failed["diagnostics"] if one["severity"] == "error"]
    assert (error["file"], "';'" in error["message"]) == (_MANIFEST, True), failed
    yield _compile(step=1, end=";")
    yield from _wait_for_compile()
    yield _install(version="0.1.0", wasm_hash=(yield from _newest_hash()))
    yield _compile(step=2, end=";")
    yield from _wait_for_compile()
    yield _install(version=LAST_VERSION, wasm_hash=(yield from _newest_hash()))


def _compile(*, step: int, end: str) -> Call:
    body = {
        "decision": "compile_module_artifact_from_source",
        "module_id": MODULE,
        "manifest_path": _MANIFEST,
        "source_files": {_MANIFEST: _SOURCE.format(step=step, end=end)},
    }
    return Call(TOOL_NAME, body)


def _install(*, version: str, wasm_hash: str) -> Call:
    body = {
        "decision": "install_module_from_artifact",
        "module_id": MODULE,
        "module_version": version,
        "wasm_hash": wasm_hash,
    }
    return Call(TOOL_NAME, body)


def _wait_for_compile() -> Generator[Call, Mapping[str, Any], Mapping[str, Any]]:
    while True:
        result = yield Call(COMPILE_RESULT_TOOL_NAME, {})
        if result["state"] not in _UNFINISHED:
            return result


def _newest_hash() -> Generator[Call, Mapping[str, Any], str]:
    status = yield Call(STATUS_TOOL_NAME, {"module_id": MODULE, "limit_artifacts": 1})
    return str(status["artifacts"][0]["wasm_hash"])
