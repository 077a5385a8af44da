"""Settings of one test's turns, and real workers that take turns on the test's own database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from pytest_django.fixtures import Settings

from tests.programs import Running, environment
from tests.serving import database_in

SetLimits = Callable[..., None]
StartWorker = Callable[..., Running]


@pytest.fixture
def set_limits(settings: Settings) -> SetLimits:
    """Give a function that changes the operator's settings for this test."""

    def change(**changes: object) -> None:
        settings.ENVIRONMENT = live_settings.ENVIRONMENT.model_copy(update=changes)

    return change


@pytest.fixture
def start_worker(tmp_path: Path, transactional_db: None) -> Iterator[StartWorker]:
    """Give a function that starts a worker for agents' turns on this test's database."""
    del transactional_db
    started: list[Running] = []

    def start(**changes: str) -> Running:
        fixed = {"WORLDSIM_SECRET_KEY": live_settings.SECRET_KEY, "WORLDSIM_LEASE_SECONDS": "3"}
        env = environment(tmp_path, {**database_in(tmp_path), **fixed, **changes})
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Running(env, log, "worker", "--agents"))
        return started[-1]

    yield start
    for worker in started:
        worker.make_sure_it_is_gone()
