"""One configuration for all compiles of a test run: warming the Zig cache takes seconds."""

import pytest

from lifecycle.toolchains.catalog import ToolchainConfig
from tests.toolchains.building import LIMITS, Bench


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> ToolchainConfig:
    return ToolchainConfig(cache_folder=tmp_path_factory.mktemp("cache"), limits=LIMITS)


@pytest.fixture(scope="session")
def bench(config: ToolchainConfig) -> Bench:
    return Bench(config)
