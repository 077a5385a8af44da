"""Forks: the same past up to a place, and the way on from a broken journal (E09)."""

import pytest

from lifecycle.journal import reading
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.journal.store import get_head
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import World
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.errors import (
    InvalidParameterError,
    MalformedIdError,
    WorldExistsError,
)
from lifecycle.usecases.forking import fork_world
from lifecycle.usecases.proofs import prove
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import tamper
from tests.service import compile_source, decide, deploy, found_world, install, wasm

pytestmark = pytest.mark.django_db


def live() -> None:
    """Found a world in which something was deployed, installed and compiled; 9 events."""
    found_world()
    deploy("ada", wasm())
    install("ada", wasm(), "clock")
    compile_source("ada", "bell", "a.wat", {"a.wat": "(module)"})
    run_job(CompileJob.objects.get().pk)
    decide("bob", "wait_ticks", ticks=3)


def stored(slug: str) -> list[tuple[int, str, bytes]]:
    """Give a journal as it is stored."""
    return [
        (event.seq, event.hash, event.body)
        for event in reading.stream_events(get_head(slug).world_pk)
    ]


def test_a_fork_has_the_past_byte_for_byte_and_verifies() -> None:
    live()

    forked = fork_world("demo", as_slug="copy")

    assert stored("copy") == stored("demo")
    assert (forked.events, forked.head_hash) == (9, get_head("demo").hash)
    assert forked.state_digest == state_at("demo").digest
    assert verify_world("copy").ok
    assert World.objects.get(slug="copy").imported_at is not None


@pytest.mark.parametrize("at", range(1, 9))
def test_a_fork_at_any_place_is_the_world_as_of_then(at: int) -> None:
    live()

    forked = fork_world("demo", at=at, as_slug="then")

    assert stored("then") == stored("demo")[:at]
    assert forked.state_digest == state_at("demo", at).digest
    assert verify_world("then").ok


def test_a_fork_and_its_origin_go_on_by_themselves() -> None:
    live()
    fork_world("demo", at=6, as_slug="other")

    decide("ada", "wait", world="other")
    decide("ada", "move_agent", to="hub")

    assert [verify_world(slug).ok for slug in ("demo", "other")] == [True, True]
    assert stored("other")[:6] == stored("demo")[:6]
    assert stored("other")[6][1] != stored("demo")[6][1]


def test_a_compile_that_was_under_way_is_done_in_the_fork() -> None:
    live()
    fork_world("demo", at=7, as_slug="other")

    job = CompileJob.objects.get(world__slug="other")

    assert run_job(job.pk) == "succeeded"
    assert verify_world("other").ok


def test_e09_a_journal_that_breaks_is_named_readable_before_and_goes_on_as_its_fork() -> None:
    live()
    note = make_checkpoint("demo", channel="command").note
    tamper("UPDATE lifecycle_journalevent SET body = replace(body, 'clock', 'clack') WHERE seq = 6")

    fault = verify_world("demo").fault
    assert fault is not None
    assert (fault.seq, fault.code) == (6, "hash_mismatch")
    assert state_at("demo", fault.seq - 1).seq == 5
    with pytest.raises(JournalBrokenError):
        fork_world("demo", as_slug="mended")
    fork_world("demo", at=fault.seq - 1, as_slug="mended")

    install("ada", wasm(), "clock", world="mended")
    assert verify_world("mended").ok
    disproof = prove("mended", note, known_keys()).disproof
    assert disproof is not None, "a fork before the checkpoint is not what was signed"
    assert disproof.code == "checkpoint_past_head"


def test_e17_a_checkpoint_holds_for_a_fork_that_keeps_what_was_signed() -> None:
    live()
    note = make_checkpoint("demo", channel="command").note

    fork_world("demo", as_slug="copy")
    decide("ada", "wait", world="copy")

    assert prove("copy", note, known_keys()).ok


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("DELETE FROM lifecycle_journalevent WHERE seq = 9", "missing"),
        ("DELETE FROM lifecycle_journalevent WHERE seq = 4", "missing"),
        ("DELETE FROM lifecycle_content", "hash_mismatch"),
    ],
)
def test_a_fork_of_what_is_broken_leaves_nothing_behind(sql: str, code: str) -> None:
    live()
    tamper(sql)

    with pytest.raises(JournalBrokenError) as broken:
        fork_world("demo", as_slug="copy")

    assert broken.value.code == code
    assert not World.objects.filter(slug="copy").exists()


@pytest.mark.parametrize("at", [0, -1, 10])
def test_a_place_outside_of_the_journal_is_refused(at: int) -> None:
    live()

    with pytest.raises(InvalidParameterError):
        fork_world("demo", at=at, as_slug="copy")


def test_a_fork_needs_a_world_and_a_slug_that_is_free() -> None:
    live()

    with pytest.raises(WorldExistsError):
        fork_world("demo", as_slug="demo")
    with pytest.raises(MalformedIdError):
        fork_world("demo", as_slug="a/b")
    with pytest.raises(WorldNotFoundError):
        fork_world("nowhere", as_slug="copy")
