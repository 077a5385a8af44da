"""What an auditor asks for is done by a real worker, which outlives the page that asked."""

import signal
from datetime import timedelta

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.models.audits import Checkpoint, CheckResult
from lifecycle.models.worlds import World
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.clock import utc_now
from tests.programs import eventually
from tests.queue.conftest import StartWorker
from tests.service import deploy, found_world, wasm

pytestmark = pytest.mark.django_db(transaction=True)


def test_e25_a_worker_runs_a_check_and_signs_where_the_world_stands(
    start_worker: StartWorker,
) -> None:
    found_world()
    deploy("ada", wasm())
    world = get_any_world("demo")
    World.objects.update(created_at=utc_now() - timedelta(days=2))
    worker = start_worker()

    job = ask_check(world, CheckRequest("eve", "notebook"))

    assert eventually(CheckResult.objects.exists), worker.said()
    result = CheckResult.objects.get()
    assert (result.check_id, result.ok, result.head_seq) == (job.check_id, True, result.to_seq)
    assert eventually(Checkpoint.objects.exists), worker.said()
    assert Checkpoint.objects.get().seq == result.head_seq
    assert worker.stop(signal.SIGTERM, timeout_s=10) == 0
