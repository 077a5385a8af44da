"""Many writers at once: one line of events per world, without a gap, a fork or a repeat."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection

from lifecycle.core.ids import AgentId
from lifecycle.journal.reading import read_events
from lifecycle.journal.store import get_head
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.journal import JournalEvent
from lifecycle.models.worlds import World
from lifecycle.toolchains.results import CompileFailed
from lifecycle.usecases import worlds
from lifecycle.usecases.compile import Lease, claim, finish
from lifecycle.usecases.errors import WorldExistsError
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.service import compile_source, decide, deploy, found_world, install, wasm
from tests.usecases.histories import GOOD_WAT, job_of

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T | Exception]:
    """Start all of these at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Exception:
        barrier.wait(10)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def journal_of(slug: str = "demo") -> list[tuple[int, str, str]]:
    """Give the places and hashes of a world's journal in order."""
    rows = JournalEvent.objects.filter(world__slug=slug).order_by("seq")
    return list(rows.values_list("seq", "prev_hash", "hash"))


def require_one_line(slug: str = "demo") -> None:
    """Check that no place is missing and that each event follows the one before it."""
    journal = journal_of(slug)
    assert [seq for seq, *_ in journal] == list(range(1, len(journal) + 1))
    assert [prev for _, prev, _ in journal[1:]] == [digest for *_, digest in journal[:-1]]
    assert verify_world(slug).ok


def test_e05_parallel_appends_make_one_chain() -> None:
    found_world()

    def wait_often() -> int:
        return sum(len(decide("ada", "wait").appended) for _ in range(10))

    assert at_once(*[wait_often] * THREADS) == [10] * THREADS

    assert get_head("demo").seq == 4 + THREADS * 10
    require_one_line()


def test_e05_parallel_appends_to_an_empty_journal_make_one_chain() -> None:
    def found() -> str:
        return worlds.create_world("demo").slug

    founded = at_once(*[found] * THREADS)

    assert founded.count("demo") == 1
    assert sum(isinstance(result, WorldExistsError) for result in founded) == THREADS - 1
    assert World.objects.count() == 1
    require_one_line()


def test_worlds_do_not_wait_for_one_another_for_ever() -> None:
    for slug in ("demo", "other"):
        found_world(slug)

    def wait_in(slug: str) -> Callable[[], int]:
        return lambda: sum(len(decide("ada", "wait", world=slug).appended) for _ in range(10))

    assert at_once(*[wait_in("demo"), wait_in("other")] * 4) == [10] * 8

    require_one_line()
    require_one_line("other")


def test_e01_the_same_key_sent_at_once_gives_one_event_and_one_answer() -> None:
    found_world()

    def send() -> str | None:
        return decide("ada", "wait_ticks", ticks=5, key="click").decision_id

    answers = at_once(*[send] * THREADS)

    assert len(set(answers)) == 1
    assert Decision.objects.count() == 1
    assert JournalEvent.objects.filter(kind="AgentWaited").count() == 1
    require_one_line()


def test_q15_two_who_race_for_a_module_id_are_both_answered_one_after_the_other() -> None:
    found_world()
    deploy("ada", wasm())
    deploy("bob", wasm())

    outcomes = at_once(
        lambda: install("ada", wasm(), "clock").status,
        lambda: install("bob", wasm(), "clock").status,
    )

    assert set(outcomes) == {DecisionStatus.APPLIED, DecisionStatus.REJECTED}
    require_one_line()


def test_parallel_deploys_of_the_same_bytes_store_them_once() -> None:
    agents = [f"agent-{number}" for number in range(THREADS)]
    found_world("demo", *agents)

    def deploy_as(agent: str) -> Callable[[], DecisionStatus]:
        return lambda: deploy(agent, wasm()).status

    statuses = at_once(*map(deploy_as, agents))

    assert statuses == [DecisionStatus.APPLIED] * THREADS
    require_one_line()


def test_parallel_deploys_in_different_worlds_store_the_bytes_once() -> None:
    slugs = [f"world-{number}" for number in range(4)]
    for slug in slugs:
        found_world(slug)

    def deploy_in(slug: str) -> Callable[[], DecisionStatus]:
        return lambda: deploy("ada", wasm(), world=slug).status

    assert at_once(*map(deploy_in, slugs)) == [DecisionStatus.APPLIED] * 4
    for slug in slugs:
        require_one_line(slug)


def test_m13_a_job_is_claimed_by_one_of_many_workers() -> None:
    found_world()
    job = job_of(compile_source("ada", "clock", "a.wat", {"a.wat": GOOD_WAT}))

    leases = at_once(*[lambda: claim(job.pk)] * THREADS)

    assert sum(isinstance(lease, Lease) for lease in leases) == 1


def test_m13_of_many_finishes_with_one_lease_one_counts() -> None:
    found_world()
    job = job_of(compile_source("ada", "clock", "a.wat", {"a.wat": GOOD_WAT}))
    lease = claim(job.pk)
    assert lease is not None
    failed = CompileFailed("compile_failed", {"exit_code": 1}, (), 0)

    ends = at_once(*[lambda: finish(lease, failed)] * 4)

    assert sorted(map(str, ends)) == ["discarded"] * 3 + ["failed"]
    require_one_line()


def test_a_rebuild_beside_writers_and_finishing_workers_ends() -> None:
    found_world()
    jobs = [
        job_of(compile_source("ada", "clock", "a.wat", {"a.wat": f"{GOOD_WAT};;{number}"}))
        for number in range(4)
    ]
    failed = CompileFailed("compile_failed", {"exit_code": 1}, (), 0)

    def finish_all() -> int:
        leases = [claim(job.pk) for job in jobs]
        return sum(finish(lease, failed) == "failed" for lease in leases if lease is not None)

    def rebuild_often() -> int:
        return sum(rebuild_world("demo").ok for _ in range(4))

    def wait_often() -> int:
        return sum(len(decide("ada", "wait").appended) for _ in range(10))

    assert at_once(finish_all, rebuild_often, wait_often) == [4, 4, 10]
    require_one_line()


def test_e07_a_reader_that_follows_the_journal_misses_nothing() -> None:
    found_world()
    done = threading.Event()

    def write() -> list[int]:
        try:
            for _ in range(40):
                decide("ada", "wait")
            return []
        finally:
            done.set()

    def follow() -> list[int]:
        seen: list[int] = []
        while not (done.is_set() and len(seen) == get_head("demo").seq):
            after = seen[-1] if seen else 0
            world_pk = get_head("demo").world_pk
            seen += [event.seq for event in read_events(world_pk, after=after, limit=7)]
        return seen

    _, seen = at_once(write, follow)

    assert seen == list(range(1, 45))


def test_verifying_beside_a_writer_sees_one_moment() -> None:
    found_world()

    def write() -> bool:
        return all(decide("ada", "wait").appended for _ in range(40))

    def verify() -> bool:
        return all(verify_world("demo").ok for _ in range(10))

    assert at_once(write, verify, verify) == [True, True, True]


def test_e03_the_database_takes_a_decision_id_once() -> None:
    found_world()
    decision_id = AgentId(decide("ada", "wait").decision_id or "")
    [row] = Decision.objects.filter(decision_id=decision_id)
    row.pk = None

    with pytest.raises(Exception, match=r"(?i)unique"):
        row.save(force_insert=True)
