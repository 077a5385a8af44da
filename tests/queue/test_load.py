"""Web threads and a worker on one database at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.usecases.verify import verify_world
from tests.programs import eventually
from tests.queue.conftest import StartWorker
from tests.service import compile_source, decide, found_world

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
DECISIONS_EACH = 15
COMPILES_EACH = 2


def test_q13_many_writers_and_a_worker_meet_no_locked_database(start_worker: StartWorker) -> None:
    agents = [f"agent-{number}" for number in range(THREADS)]
    found_world("demo", *agents)
    worker = start_worker()

    def live(agent: str) -> list[DecisionStatus]:
        try:
            asked = [
                compile_source(
                    agent, f"{agent}.{n}", "m.wat", {"m.wat": f"(module) ;; {agent} {n}"}
                )
                for n in range(COMPILES_EACH)
            ]
            waited = [decide(agent, "wait_ticks", ticks=1) for _ in range(DECISIONS_EACH)]
            return [outcome.status for outcome in asked + waited]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        lives = list(pool.map(live, agents))

    expected = ["compiling"] * COMPILES_EACH + ["applied"] * DECISIONS_EACH
    assert lives == [expected] * THREADS
    done = CompileJob.objects.filter(state=JobState.SUCCEEDED)
    assert eventually(lambda: done.count() == THREADS * COMPILES_EACH), worker.said()
    assert "locked" not in worker.said()
    assert Decision.objects.count() == THREADS * (COMPILES_EACH + DECISIONS_EACH)
    assert verify_world("demo").ok
