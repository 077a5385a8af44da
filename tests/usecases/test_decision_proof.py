"""Records of decisions are proven by the journal: who decided, what, and what became of it."""

import io
import json
from collections.abc import Callable

import pytest

from lifecycle.core.ids import AgentId
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.models.worlds import Role, World
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.forking import fork_world
from lifecycle.usecases.importing import import_world
from lifecycle.usecases.submit import Submission, dry_run, keep_malformed, submit
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.journal.tampering import put_back, run, take_out
from tests.notebook.people import account
from tests.service import compile_source, decide, deploy, found_world, hash_of, wasm
from tests.usecases.histories import BAD_WAT, GOOD_WAT, exported, job_of, varied_world

pytestmark = pytest.mark.django_db

# What the journal tells of every kind of record, changed to what would show another story.
CHANGES = {
    "agent_id": "'zed'",
    "account": "'fiona'",
    "channel": "'letter'",
    "submitted_at": "'2020-01-01T00:00:00.000000Z'",
    "kind": "'move_agents'",
    "arguments": "'{}'",
    "rejection": '\'{"code": "limit_exceeded", "field": null, "facts": {}}\'',
    "first_seq": "coalesce(first_seq, 0) + 1",
    "last_seq": "coalesce(last_seq, 0) + 1",
    "outcome_seq": "coalesce(outcome_seq, 0) + 1",
    "decision_id": "'00000000-0000-4000-8000-000000000000'",
}


def lively_world() -> None:
    """Found a world with decisions of every status, from every kind of sender."""
    varied_world()
    parsed = parse_decision(b'{"decision": "wait", "message_to_user": "Hm."}')
    assert not isinstance(parsed, Malformed)
    account("eve", Role.OPERATOR)
    for name, channel in (("eve", "notebook"), ("eve", "runner"), (None, "mcp")):
        sender = Submission("demo", AgentId("ada"), name, channel)
        submit(sender, parsed)
        dry_run(sender, parsed)
        fault = parse_decision(b"no decision")
        assert isinstance(fault, Malformed)
        keep_malformed(sender, fault, b"no decision")
    decide("ada", "move_agent", to="pier")
    deploy("ada", wasm())
    decide("ada", "move_agent", to="attic", message_to_user="Mine now.")
    assert set(Decision.objects.values_list("status", flat=True)) == set(DecisionStatus.values)


def differing(world: str = "demo") -> tuple[str, ...]:
    """Give what a whole check finds to differ."""
    report = verify_world(world)
    assert report.fault is None
    return report.projections_differ


def spoil(decision: Decision, column: str, value: str) -> None:
    """Write one column of one record behind the service's back."""
    run(f"UPDATE lifecycle_decision SET {column} = {value} WHERE id = %s", [decision.pk])  # noqa: S608 - a test's own texts


def test_an_honest_world_with_decisions_of_every_status_is_whole() -> None:
    lively_world()
    assert verify_world("demo").ok


@pytest.mark.parametrize("column", list(CHANGES))
def test_a_changed_column_of_every_record_with_events_is_found(column: str) -> None:
    lively_world()
    for row in Decision.objects.filter(first_seq__isnull=False):
        spoil(row, column, CHANGES[column])

        assert differing() == ("decisions",), (row.kind, row.status)

        row.save()
    assert differing() == ()


@pytest.mark.parametrize("status", DecisionStatus.values)
def test_another_status_of_every_record_with_events_is_found(status: str) -> None:
    lively_world()
    for row in Decision.objects.filter(first_seq__isnull=False).exclude(status=status):
        spoil(row, "status", f"'{status}'")

        assert differing() == ("decisions",), (row.kind, row.status)

        row.save()


@pytest.mark.parametrize("status", ["applied", "compiling", "rejected"])
def test_a_record_without_events_that_claims_some_is_found(status: str) -> None:
    lively_world()
    row = Decision.objects.filter(status="unchanged").first()
    assert row is not None

    spoil(row, "status", f"'{status}'")

    assert differing() == ("decisions",)


def test_a_record_that_names_an_event_that_is_not_its_own_is_found() -> None:
    lively_world()
    row = Decision.objects.filter(status="malformed").first()
    assert row is not None

    spoil(row, "first_seq", "7")

    assert differing() == ("decisions",)


def test_a_record_that_was_taken_away_is_found_for_every_event() -> None:
    lively_world()
    for row in Decision.objects.filter(first_seq__isnull=False):
        taken = take_out("lifecycle_decision", "id", row.pk)

        assert differing() == ("decisions",)

        put_back("lifecycle_decision", taken)
    assert differing() == ()


def test_a_record_moved_to_another_world_is_found_in_both() -> None:
    lively_world()
    found_world("other")
    row = Decision.objects.filter(world__slug="demo", status="applied").first()
    assert row is not None

    spoil(row, "world_id", str(World.objects.get(slug="other").pk))

    assert (differing(), differing("other")) == (("decisions",), ("decisions",))


def arguments_of(kind: str) -> tuple[Decision, dict[str, object]]:
    """Give an applied record of a kind with what it says was sent."""
    row = Decision.objects.filter(kind=kind).exclude(first_seq=None).order_by("id").first()
    assert row is not None
    return row, json.loads(row.arguments)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("wait_ticks", "ticks", 4),
        ("wait_ticks", "decision", "wait"),
        ("wait", "ticks", 2),
        ("move_agent", "to", "hub"),
        ("deploy_module_artifact", "wasm_hash", "0" * 64),
        ("deploy_module_artifact", "wasm_bytes_hex", {"digest": "0" * 64, "bytes_len": 1}),
        ("deploy_module_artifact", "module_id", "other"),
        ("deploy_module_artifact", "publisher", "agent:bob"),
        ("install_module_from_artifact", "wasm_hash", "0" * 64),
        ("install_module_from_artifact", "module_version", "9.9.9"),
        ("install_module_from_artifact", "activate", False),
        ("install_module_from_artifact", "activate", 1),
        ("install_module_from_artifact", "module_id", "other"),
        ("install_module_from_artifact", "installer", "agent:bob"),
        ("compile_module_artifact_from_source", "module_id", "other"),
        ("compile_module_artifact_from_source", "manifest_path", "b.wat"),
        ("compile_module_artifact_from_source", "source_files", {"digest": "0" * 64}),
    ],
)
def test_an_argument_that_an_event_tells_is_proven(kind: str, name: str, value: object) -> None:
    lively_world()
    row, sent = arguments_of(kind)

    row.arguments = json.dumps({**sent, name: value})
    row.save()

    assert differing() == ("decisions",)


def test_all_that_a_refused_decision_asked_is_proven() -> None:
    lively_world()
    row = Decision.objects.get(arguments__contains="Mine now.")

    row.arguments = row.arguments.replace("Mine", "Yours")
    row.save()

    assert differing() == ("decisions",)


@pytest.mark.parametrize("text", ["", "[]", "no JSON", '"wait"', "1"])
def test_arguments_that_are_no_json_object_are_found(text: str) -> None:
    lively_world()
    row, _ = arguments_of("wait")

    row.arguments = text
    row.save()

    assert differing() == ("decisions",)


def forked() -> None:
    """Fork the demo world."""
    fork_world("demo", as_slug="copy")


def imported() -> None:
    """Import the demo world beside itself."""
    import_world(io.BytesIO(exported()), as_slug="copy")


@pytest.mark.parametrize("copied", [forked, imported])
def test_a_copied_world_is_whole_and_its_records_are_proven(copied: Callable[[], None]) -> None:
    lively_world()
    copied()
    assert verify_world("copy").ok
    decide("ada", "wait", world="copy")
    assert verify_world("copy").ok

    for row in Decision.objects.filter(world__slug="copy"):
        spoil(row, "agent_id", "'zed'")
        assert differing("copy") == ("decisions",)
        row.save()
    assert differing() == ()


def test_a_fork_within_a_compile_is_whole() -> None:
    varied_world()
    asked = compile_source("ada", "bell", "a.wat", {"a.wat": BAD_WAT + GOOD_WAT})
    run_job(job_of(asked).pk)

    fork_world("demo", at=asked.appended[0].recorded.seq, as_slug="copy")

    assert verify_world("copy").ok


def test_a_check_of_the_beginning_accuses_no_compile_that_ended_after_it() -> None:
    varied_world()
    for last in range(1, World.objects.get(slug="demo").journalhead.seq):
        assert verify_world("demo", to_seq=last).ok


def shown() -> list[dict[str, object]]:
    """Give all that the records say, whatever the order of members in their refusals."""
    rows = list(Decision.objects.order_by("id").values())
    return [{**row, "rejection": json.loads(row["rejection"] or "null")} for row in rows]


def test_rebuild_makes_records_say_again_what_their_events_say() -> None:
    lively_world()
    before = shown()
    rows = Decision.objects.filter(first_seq__isnull=False)
    rows.update(agent_id="zed", account="fiona", status="rejected", outcome_seq=1)
    rows.update(channel="mcp", first_seq=1, last_seq=2, rejection=None, submitted_at="never")
    assert differing() == ("decisions",)

    assert rebuild_world("demo").ok

    assert shown() == before


def test_rebuild_makes_a_missing_record_again_as_far_as_events_tell() -> None:
    lively_world()
    Decision.objects.filter(kind="compile_module_artifact_from_source").delete()

    assert rebuild_world("demo").ok

    found = Decision.objects.filter(kind="compile_module_artifact_from_source").order_by("id")
    assert [row.status for row in found] == ["applied", "rejected", "compiling"]


def test_rebuild_leaves_records_alone_that_no_event_belongs_to() -> None:
    lively_world()
    none = Decision.objects.filter(first_seq=None).order_by("id")
    none.filter(status="unchanged").update(status="applied")
    before = list(none.values())

    report = rebuild_world("demo")

    assert report.projections_differ == ("decisions",)
    assert list(none.values()) == before


def test_decisions_spelled_in_any_way_that_is_taken_are_what_their_events_say() -> None:
    found_world()
    digest, content = hash_of(wasm()), wasm().hex().upper()
    install = "install_module_from_artifact"
    deploy_odd = {"wasm_hash": f"0X{digest.upper()}", "wasm_bytes_hex": f"0x{content}"}
    decide("ada", "deploy_module_artifact", **deploy_odd, module_id=" clock ", publisher=" self ")
    odd = {"wasm_hash": f" sha256:{digest}", "module_id": " clock "}
    decide("ada", install, **odd, module_version="  ", installer="agent:ada")
    decide("ada", install, **odd, module_version=" 1.2.0 ", activate=None)
    decide("ada", "wait", ticks=None)
    listed = [{"path": "a.wat", "content": GOOD_WAT}]
    compile_it = "compile_module_artifact_from_source"
    decide("ada", compile_it, module_id=" lamp ", manifest_path=" a.wat ", source_files=listed)

    assert verify_world("demo").projections_differ == ()
