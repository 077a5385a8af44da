"""Folders with a store in them, for commands that run as processes of their own."""

import shutil
from pathlib import Path

import pytest

from tests.programs import manage


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder whose store has its tables and nothing else, once."""
    folder = tmp_path_factory.mktemp("store")
    made = manage(folder, "migrate", "--skip-checks", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def store(empty_store: Path, tmp_path: Path) -> Path:
    """Give a folder of one's own with an empty store."""
    return shutil.copytree(empty_store, tmp_path / "store")
