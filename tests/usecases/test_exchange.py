"""Exporting a world and taking it in again: all of it, byte for byte, and alive."""

import io

import pytest

from lifecycle.codec.canonical import canonical_bytes, digest_of, parse_canonical
from lifecycle.codec.events import check_entering
from lifecycle.codec.state import state_digest
from lifecycle.core.evolve import initial, replay
from lifecycle.core.named_content import content_named_by
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.journal.reading import stream_checked
from lifecycle.journal.store import get_head
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.journal import JournalEvent
from lifecycle.models.worlds import World
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.errors import MalformedIdError, WorldExistsError
from lifecycle.usecases.export import export_world
from lifecycle.usecases.importing import Imported, import_world
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.journal.tampering import set_event, take_out
from tests.service import decide, deploy, found_world, hash_of, install, wasm
from tests.usecases.forging import (
    Entry,
    Export,
    chained,
    content_of,
    forged,
    payload,
    put_together,
    refusal_of,
    take_apart,
)
from tests.usecases.histories import every_table, export_file, exported, varied_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_world_to_export() -> None:
    varied_world()


def take(source: io.BytesIO) -> Imported:
    """Import under a free slug."""
    return import_world(source, as_slug="copy")


def test_e27_an_export_comes_back_byte_for_byte_and_is_marked_as_imported() -> None:
    imported = take(export_file())

    head = get_head("demo")
    assert exported("copy") == exported()
    assert (imported.events, imported.head_hash) == (head.seq, head.hash)
    assert World.objects.get(slug="copy").imported_at is not None
    assert World.objects.get(slug="demo").imported_at is None
    assert verify_world("copy").ok
    assert verify_world("copy").state_digest == imported.state_digest


def test_putting_an_export_together_again_changes_nothing() -> None:
    export = take_apart()
    chained(export)

    assert put_together(export) == exported()


def test_an_export_is_taken_in_where_nothing_of_it_is_known() -> None:
    source = export_file()
    for digest in [content["digest"] for content in take_apart().contents()]:
        take_out("lifecycle_content", "digest", digest)

    assert take(source).events == get_head("demo").seq
    assert verify_world("copy").ok


def test_decisions_are_restored_with_their_outcomes() -> None:
    take(export_file())

    original, restored = (
        {
            row.decision_id: (row.status, row.agent_id, row.first_seq, row.outcome_seq)
            for row in Decision.objects.filter(world__slug=slug, first_seq__isnull=False)
        }
        for slug in ("demo", "copy")
    )
    assert restored == original
    assert {"applied", "rejected", "compiling"} == {status for status, *_ in restored.values()}


def test_an_imported_world_lives_on_and_can_be_rebuilt() -> None:
    take(export_file())
    waiting = CompileJob.objects.get(world__slug="copy", state=JobState.QUEUED)

    assert run_job(waiting.pk) == JobState.SUCCEEDED
    assert decide("ada", "wait", world="copy").appended
    assert rebuild_world("copy").ok


def test_a_world_comes_in_under_its_own_name_when_none_is_given() -> None:
    source = export_file()
    World.objects.filter(slug="demo").update(slug="elsewhere")

    assert import_world(source).world == "demo"


def test_an_old_export_is_taken_in_and_given_out_unchanged() -> None:
    def as_of_version_1(export: Export) -> None:
        for body in export.bodies():
            if body["kind"] == "ModuleInstalled":
                body["schema_version"] = 1
                del body["payload"]["install_target"], body["payload"]["flags"]

    source = forged(as_of_version_1)

    take(source)

    assert exported("copy") == source.getvalue()
    assert verify_world("copy").ok


def test_limits_of_today_do_not_judge_the_past() -> None:
    def long_wait(export: Export) -> None:
        wait = export.event("AgentWaited")
        for body in export.bodies()[export.bodies().index(wait) :]:
            body["tick"] += 10**12
        wait["payload"]["ticks"] += 10**12

    refused = refusal_of(forged(long_wait))

    # Every event was taken; only the end, which a forger has to compute too, tells another state.
    assert (refused.seq, refused.code) == (None, "end_mismatch")


def test_a_slug_that_is_taken_is_refused() -> None:
    before = every_table()

    with pytest.raises(WorldExistsError):
        import_world(export_file())

    assert every_table() == before


@pytest.mark.parametrize("slug", ["", "a.b", "../x", "x" * 65, "-a", "a b"])
def test_a_slug_that_is_none_is_refused(slug: str) -> None:
    before = every_table()

    with pytest.raises(MalformedIdError):
        import_world(export_file(), as_slug=slug)

    assert every_table() == before


def test_the_name_in_a_forged_file_is_no_slug() -> None:
    before = every_table()

    with pytest.raises(MalformedIdError):
        import_world(forged(payload("WorldCreated", name="../../x")))

    assert every_table() == before


@pytest.mark.parametrize(
    ("package", "toolchain"),
    [
        (b'{"files":{"../../x.wat":"(module)"},"manifest_path":"../../x.wat"}', "wat"),
        (b'{"files":{"build.zig":"x","x.zig":"x"},"manifest_path":"x.zig"}', "zig"),
        (b'{"files":{"x.wat":"(module)"},"manifest_path":"x.wat"}', "c"),
        (b'{"files":{"x.wat":"(module)"},"manifest_path":"x.wat"}', "no such"),
        (b'{"files":{"x.c":"(module)"}}', "c"),
        (b"no package", "wat"),
    ],
)
def test_a_forged_compile_request_is_judged_before_anything_runs(
    package: bytes, toolchain: str
) -> None:
    def ask(export: Export) -> None:
        body = export.bodies()[-1]
        assert body["kind"] == "ModuleCompileRequested"
        place = export.place_of(body)
        export.entries[place - 1] = content_of(package)
        body["payload"].update(source_digest=digest_of(package), toolchain=toolchain)

    source = forged(ask)
    state = refusal_of(source)
    assert state.code == "end_mismatch"  # the forger has to compute the end's digest too
    source = io.BytesIO(with_true_end(source.getvalue()))
    take(source)
    job = CompileJob.objects.get(world__slug="copy", state=JobState.QUEUED)

    assert run_job(job.pk) == JobState.FAILED

    job.refresh_from_db()
    assert job.failure_code == "compile_failed"
    assert verify_world("copy").ok


def with_true_end(source: bytes) -> bytes:
    """Give a forged file the state digest that its events give."""
    lines = source.splitlines()
    entries = [parse_canonical(line) for line in lines]
    sizes = {e["content"]["digest"]: e["content"]["bytes_len"] for e in entries if "content" in e}
    events = [
        check_entering(canonical_bytes(entry["event"])).recorded
        for entry in entries
        if "event" in entry
    ]
    digest = state_digest(replay(initial(), events, sizes.get))
    end: Entry = {"end": {"events": len(events), "state_digest": digest}}
    return b"\n".join([*lines[:-1], canonical_bytes(end), b""])


def test_an_export_holds_all_content_that_its_events_name_once() -> None:
    world_pk = get_head("demo").world_pk
    named = {
        digest
        for recorded in stream_checked(world_pk)
        for digest in content_named_by(recorded.event)
    }

    contents = [content["digest"] for content in take_apart().contents()]

    assert sorted(contents) == sorted(named)


def test_a_broken_journal_is_not_exported() -> None:
    event = take_apart().bodies()[2]
    row = JournalEvent.objects.get(seq=event["seq"])
    set_event(row.pk, "body", row.body + " ")

    with pytest.raises(JournalBrokenError) as caught:
        exported()

    assert caught.value.seq == event["seq"]


def test_a_journal_without_its_content_is_not_exported() -> None:
    take_out("lifecycle_content", "digest", hash_of(wasm()))

    with pytest.raises(JournalBrokenError) as caught:
        exported()

    assert caught.value.code == "content_missing"


def test_a_world_that_is_not_there_is_not_exported() -> None:
    with pytest.raises(WorldNotFoundError):
        list(export_world("elsewhere"))


def test_an_export_that_is_taken_in_by_many_batches_comes_back() -> None:
    found_world("big")
    for number in range(1100):
        decide("ada", "wait", world="big")
        if number % 50 == 0:
            deploy("ada", wasm(number), world="big")
    deploy("ada", wasm(3), world="big")
    install("ada", wasm(3), "clock", world="big")

    take(export_file("big"))

    assert exported("copy") == exported("big")
