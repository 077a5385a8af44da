"""Starts real workers on the test's own database, and makes sure that none is left."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from pytest_django.fixtures import Settings

from tests.programs import Running, environment
from tests.queue.workers import write_slow_compiler
from tests.serving import database_in

StartWorker = Callable[..., Running]


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of all workers: compilers are warmed up once, not for each test."""
    return tmp_path_factory.mktemp("workers")


@pytest.fixture
def slow_compiler(worker_folder: Path, settings: Settings) -> str:
    """Let this process take manifests for the slow compiler, as the workers do."""
    command = write_slow_compiler(worker_folder)
    settings.ENVIRONMENT = live_settings.ENVIRONMENT.model_copy(update={"source_compiler": command})
    return command


@pytest.fixture
def start_worker(
    worker_folder: Path, slow_compiler: str, tmp_path: Path, transactional_db: None
) -> Iterator[StartWorker]:
    """Give a function that starts a worker on this test's database."""
    del transactional_db
    started: list[Running] = []

    def start(**changes: str) -> Running:
        env = environment(
            worker_folder,
            {
                **database_in(worker_folder),
                "WORLDSIM_SECRET_KEY": live_settings.SECRET_KEY,
                "WORLDSIM_SOURCE_COMPILER": slow_compiler,
                "WORLDSIM_LEASE_SECONDS": "3",
                **changes,
            },
        )
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Running(env, log, "worker"))
        return started[-1]

    yield start
    for worker in started:
        worker.make_sure_it_is_gone()
