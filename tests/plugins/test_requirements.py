"""A test whose program is missing is left out and named, or fails in CI.

Each test here runs pytest in a folder of its own, with the plugin and no more.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

NEEDS_A_SERVER = """
import pytest

@pytest.mark.needs_redis
def test_that_wants_redis() -> None:
    assert True

def test_that_wants_nothing() -> None:
    assert True
"""


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a fresh pytest over one file, with the plugin and this environment added."""
    (folder / "test_file.py").write_text(NEEDS_A_SERVER, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "WORLDSIM" not in name}
    kept.pop("PYTEST_ADDOPTS", None)
    plugins = ["-p", "no:django", "-p", "tests.plugins.requirements"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, "."],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_what_is_missing_is_left_out_and_the_command_is_named(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    ended = run(tmp_path, *options)

    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout
    assert "Left out: tests marked needs_redis (1)" in ended.stdout
    assert "apt-get install redis-server" in ended.stdout


def test_what_is_missing_fails_where_nothing_may_be_left_out(tmp_path: Path) -> None:
    ended = run(tmp_path, WORLDSIM_TEST_REQUIRE="all")

    assert ended.returncode == 1
    assert "1 passed, 1 error" in ended.stdout
    assert "apt-get install redis-server" in ended.stdout


def test_what_is_here_runs(tmp_path: Path) -> None:
    ended = run(tmp_path, WORLDSIM_TEST_REDIS_URL="redis://127.0.0.1:6379/0")

    assert ended.returncode == 0, ended.stdout
    assert "2 passed" in ended.stdout
    assert "Left out" not in ended.stdout


def test_a_program_that_is_looked_for_and_not_found_counts_as_missing(tmp_path: Path) -> None:
    marked = NEEDS_A_SERVER.replace("needs_redis", "needs_chromium")
    (tmp_path / "test_page.py").write_text(marked, encoding="utf-8")

    ended = run(tmp_path, PATH=str(tmp_path))

    assert ended.returncode == 0, ended.stdout
    assert "Left out: tests marked needs_chromium (1)" in ended.stdout
