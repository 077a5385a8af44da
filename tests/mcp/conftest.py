"""One service with a worker for all tests of the protocol; starting one costs more than they do."""

from collections.abc import Iterator

import pytest

from tests.mcp.serving import Service
from tests.queue.workers import write_slow_compiler


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start it, with a compiler that takes its time beside the usual ones."""
    data = tmp_path_factory.mktemp("mcp")
    slow = write_slow_compiler(data)
    started = Service(data, worker=True, WORLDSIM_SOURCE_COMPILER=slow)
    yield started
    started.stop()
