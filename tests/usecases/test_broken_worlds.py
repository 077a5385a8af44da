"""A world whose history is known to be broken takes nothing new, and is open again when mended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management.base import CommandError

from lifecycle.access.callers import get_any_world
from lifecycle.access.roles import grant
from lifecycle.core.ids import AgentId
from lifecycle.journal import reading
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import get_head
from lifecycle.models.decisions import DecisionStatus
from lifecycle.models.projections import Artifact
from lifecycle.models.runs import AgentRun, AgentTurn
from lifecycle.models.worlds import Role, World
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.tasks.audit import check
from lifecycle.usecases import verify, worlds
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.errors import WorldBrokenError
from lifecycle.usecases.forking import fork_world
from lifecycle.usecases.proofs import prove
from lifecycle.usecases.queries.worlds import world_document
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import claim_turn, start_run
from lifecycle.usecases.submit import Submission, dry_run
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.journal.tampering import tamper
from tests.management.calling import said
from tests.notebook.people import account, browser_of, send_decision, send_form, text_of
from tests.service import compile_source, decide, deploy, found_world, hash_of, wasm
from tests.usecases.histories import GOOD_WAT, job_of

pytestmark = pytest.mark.django_db
HASH = hash_of(wasm())
RUN = RunRequest("demo", "ada", "model", "https://models.example.org/v1")


def spoil(before: str = "tick", after: str = "tack") -> None:
    """Change event 5 of the demo world behind the service's back, or change it back."""
    sql = "UPDATE lifecycle_journalevent SET body = replace(body, %s, %s) WHERE seq = 5"
    assert tamper(sql, [f'"{before}"', f'"{after}"'])


def mend() -> None:
    """Put event 5 back as it was."""
    spoil("tack", "tick")


def live() -> dict[str, str]:
    """Found a world of seven events; give its agents' tokens."""
    tokens = found_world()
    deploy("ada", wasm(), module_id="clock")
    decide("ada", "wait", key="first")
    decide("bob", "wait")
    return tokens


def known_to_be_broken() -> dict[str, str]:
    """Found a world and have a check find its fault; give its agents' tokens."""
    tokens = live()
    spoil()
    assert not verify_world("demo").ok
    return tokens


def fault() -> tuple[int | None, str | None]:
    """Give what the demo world's row says of its history."""
    world = World.objects.get(slug="demo")
    return world.fault_seq, world.fault_code


def run_check(**asked: object) -> None:
    """Have the worker check."""
    request = CheckRequest("eve", "api", **asked)  # type: ignore[arg-type] # a range or a hash
    assert check(ask_check(get_any_world("demo"), request).pk) == "done"


def prove_a_checkpoint() -> None:
    """Prove a checkpoint, whatever comes of it."""
    mend()
    note = make_checkpoint("demo", channel="command").note
    spoil()
    prove("demo", note, known_keys())


def verify_by_command() -> None:
    """Verify as the operator does."""
    with pytest.raises(CommandError):
        said("verify", "demo")


def fail_to_rebuild() -> None:
    """Rebuild, which stops at the fault."""
    with pytest.raises(JournalBrokenError):
        rebuild_world("demo")


LOOKS: dict[str, Callable[[], object]] = {
    "whole": lambda: verify_world("demo"),
    "range": lambda: verify_world("demo", from_seq=4, to_seq=6),
    "command": verify_by_command,
    "check": run_check,
    "check of a range": lambda: run_check(from_seq=5),
    "check of an artifact": lambda: run_check(wasm_hash=HASH),
    "rebuild": fail_to_rebuild,
    "proof": prove_a_checkpoint,
}


@pytest.mark.parametrize("look", list(LOOKS))
def test_e09_whatever_finds_a_fault_closes_the_world(look: str) -> None:
    live()
    spoil()
    decide("ada", "wait")
    assert fault() == (None, None)

    LOOKS[look]()

    assert fault() == (5, "hash_mismatch")
    with pytest.raises(WorldBrokenError) as refused:
        decide("ada", "wait")
    assert refused.value.facts == {
        "world": "demo",
        "reason": "hash_mismatch",
        "seq": 5,
        "last_good_seq": 4,
    }


def test_nothing_is_added_to_a_broken_world() -> None:
    known_to_be_broken()
    parsed = parse_decision(b'{"decision": "wait"}')
    assert not isinstance(parsed, Malformed)
    head = get_head("demo")

    for add in (
        lambda: dry_run(Submission("demo", AgentId("ada"), None, "api"), parsed),
        lambda: worlds.add_agent("demo", "cyd"),
        lambda: worlds.add_location("demo", "pier"),
        lambda: start_run(RUN),
    ):
        with pytest.raises(WorldBrokenError):
            add()

    assert get_head("demo") == head
    assert not AgentRun.objects.exists()


def test_a_repeated_key_gives_its_first_answer_from_a_broken_world_too() -> None:
    known_to_be_broken()

    again = decide("ada", "wait", key="first")

    assert again.earlier is not None
    assert again.status is DecisionStatus.APPLIED


def test_a_compile_that_was_asked_for_before_ends() -> None:
    live()
    asked = compile_source("ada", "bell", "a.wat", {"a.wat": GOOD_WAT})
    spoil()
    verify_world("demo")

    assert run_job(job_of(asked).pk) == "succeeded"


def test_a_run_that_goes_on_is_ended_before_its_model_is_asked() -> None:
    live()
    run = start_run(RUN)
    spoil()
    verify_world("demo")

    assert claim_turn(run.pk) is None

    run.refresh_from_db()
    assert (run.state, run.reason) == ("failed", "world_broken")
    assert not AgentTurn.objects.exists()


def test_a_whole_check_that_finds_nothing_opens_the_world_again() -> None:
    known_to_be_broken()
    mend()
    for first, last in ((2, None), (1, 6), (4, 5)):
        assert verify_world("demo", from_seq=first, to_seq=last).ok
        assert fault() == (5, "hash_mismatch"), (first, last)
    run_check(wasm_hash=HASH)
    assert fault() == (5, "hash_mismatch")

    assert verify_world("demo").ok

    assert fault() == (None, None)
    assert decide("ada", "wait").status is DecisionStatus.APPLIED


def test_a_check_that_began_before_the_fault_was_found_does_not_open_the_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known_to_be_broken()
    mend()
    monkeypatch.setattr(verify, "utc_now", lambda: utc_now() - timedelta(minutes=1))
    assert verify_world("demo").ok
    assert fault() == (5, "hash_mismatch")


def test_tables_that_differ_close_the_world_until_a_rebuild() -> None:
    live()
    Artifact.objects.update(publisher_agent_id="bob")
    verify_world("demo")
    assert fault() == (None, "tables_differ")
    with pytest.raises(WorldBrokenError) as refused:
        decide("ada", "wait")
    assert refused.value.facts["reason"] == "tables_differ"

    rebuild_world("demo")

    assert fault() == (None, None)
    decide("ada", "wait")


def test_the_fork_of_a_broken_world_is_open() -> None:
    known_to_be_broken()

    fork_world("demo", at=4, as_slug="mended")

    assert decide("ada", "wait", world="mended").status is DecisionStatus.APPLIED


def test_the_worlds_document_says_what_is_wrong() -> None:
    live()
    assert world_document(get_any_world("demo"))["broken"] is None
    spoil()
    verify_world("demo")

    broken = world_document(get_any_world("demo"))["broken"]

    assert broken is not None
    assert (broken["seq"], broken["code"]) == (5, "hash_mismatch")


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"kind": "ModuleInstalled"}'])
@pytest.mark.parametrize("address", ["", "events/", f"artifacts/{HASH}/", "find/?q=5"])
def test_e09_a_world_stays_readable_around_what_is_no_event_any_more(
    body: str, address: str
) -> None:
    live()
    tamper("UPDATE lifecycle_journalevent SET body = %s WHERE seq = 5", [body])
    eve = browser_of("eve", Role.VIEWER)

    assert not verify_world("demo").ok

    assert eve.get(f"/worlds/demo/{address}", follow=True).status_code == 200
    assert "Unreadable" in text_of(eve.get("/worlds/demo/events/"))
    listed = eve.get("/api/v1/worlds/demo/events/").json()["events"]
    assert [event["kind"] for event in listed].count("Unreadable") == 1
    assert reading.decisions_named_by(reading.read_events(get_head("demo").world_pk))


@pytest.mark.parametrize("address", ["", "events/", "artifacts/", "team/", "at/?seq=4", "runs/"])
def test_every_page_says_on_top_that_the_world_is_broken(address: str) -> None:
    known_to_be_broken()
    page = text_of(browser_of("eve", Role.VIEWER).get(f"/worlds/demo/{address}"))

    assert 'id="broken"' in page
    assert "broken at event 5, hash_mismatch" in page
    assert "go on in a fork of its first 4 events (fork --at 4), which are good" in page
    found_world("sound")
    ben = account("ben", Role.VIEWER)
    grant(World.objects.get(slug="sound"), ben, Role.VIEWER)
    other = browser_of("cyd", Role.VIEWER, world="sound").get(f"/worlds/sound/{address}")
    assert 'id="broken"' not in text_of(other)


def test_the_composer_keeps_what_a_broken_world_refuses() -> None:
    known_to_be_broken()
    eve = browser_of("eve", Role.OPERATOR)

    sent = send_decision(eve, "wait_ticks", ticks=77)
    form = send_form(eve, "wait_ticks", ticks="88")

    assert [sent.status_code, form.status_code] == [409, 409]
    assert "world_broken" in text_of(sent)
    assert "77" in text_of(sent)
    assert 'value="88"' in text_of(form)
