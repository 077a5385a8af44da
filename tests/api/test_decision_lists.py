"""Decisions read back: newest first, filtered, paged; each by its id."""

import io

import pytest

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.export import export_world
from lifecycle.usecases.importing import import_world
from tests.api.speaking import V1, Api, agent, superuser
from tests.service import compile_source, decide, found_world

pytestmark = pytest.mark.django_db


def test_decisions_come_newest_first_and_the_cursor_finds_the_rest(ada: Api) -> None:
    sent = [decide("ada", "wait").decision_id for _ in range(5)]

    first = ada.get("decisions/?limit=3").json
    decide("ada", "wait")
    rest = ada.get(f"decisions/?limit=3&before={first['next']}").json

    listed = [decision["id"] for decision in first["decisions"] + rest["decisions"]]
    assert listed == sent[::-1]
    assert rest["next"] is None


def test_decisions_are_filtered_by_agent_and_status(ada: Api) -> None:
    decide("ada", "wait")
    decide("ada", "move_agent", to="nowhere")
    decide("bob", "wait")
    ada.decide("fly")

    def listed(query: str) -> list[tuple[str, str]]:
        decisions = ada.get(f"decisions/?{query}").json["decisions"]
        return [(decision["agent_id"], decision["status"]) for decision in decisions]

    assert listed("agent_id=bob") == [("bob", "applied")]
    assert listed("status=rejected") == [("ada", "rejected")]
    assert listed("status=malformed") == [("ada", "malformed")]
    assert listed("agent_id=ada&status=applied") == [("ada", "applied")]
    assert listed("agent_id=nobody") == []


@pytest.mark.parametrize("query", ["status=done", "before=x", "limit=x", "agent_id=%00"])
def test_a_malformed_query_is_refused(ada: Api, query: str) -> None:
    assert ada.get(f"decisions/?{query}").code == "invalid_parameter"


def test_s21_a_failed_compile_reads_back_with_the_compilers_words(ada: Api) -> None:
    sent = compile_source("ada", "clock", "a.wat", {"a.wat": "(module\n  (func (result i32"})
    assert run_job(CompileJob.objects.get().pk) == "failed"

    decision = ada.get(f"decisions/{sent.decision_id}/").json

    assert decision["status"] == "rejected"
    assert decision["rejection"]["code"] == "compile_failed"
    kinds = [event["kind"] for event in decision["events"]]
    assert kinds == ["ModuleCompileRequested", "ActionRejected"]
    [diagnostic] = decision["diagnostics"]
    assert (diagnostic["file"], diagnostic["severity"]) == ("a.wat", "error")
    assert "/" not in diagnostic["file"]


def test_a_compile_that_ended_well_reads_back_as_applied(ada: Api) -> None:
    sent = compile_source("ada", "clock", "a.wat", {"a.wat": "(module)"})
    assert run_job(CompileJob.objects.get().pk) == "succeeded"

    decision = ada.get(f"decisions/{sent.decision_id}/").json

    assert decision["status"] == "applied"
    assert decision["events"][1]["payload"]["provenance"]["toolchain"] == "wat"


@pytest.mark.parametrize(
    "decision_id", ["x", "00000000-0000-4000-8000-000000000000", "%00", "a" * 500]
)
def test_an_unknown_decision_is_404(ada: Api, decision_id: str) -> None:
    assert ada.get(f"decisions/{decision_id}/").code == "not_found"
    assert ada.get(f"{V1}decisions/{decision_id}/").code == "not_found"


def test_a05_a_decision_of_another_world_is_as_unknown_as_one_that_never_was(
    tokens: dict[str, str],
) -> None:
    assert tokens
    eve = agent(found_world("other", "eve")["eve"])
    sent = decide("ada", "wait")

    foreign = eve.get(f"{V1}decisions/{sent.decision_id}/")
    unknown = eve.get(f"{V1}decisions/00000000-0000-4000-8000-000000000000/")

    assert (foreign.status, foreign.body) == (unknown.status, unknown.body)
    assert eve.get(f"{V1}worlds/other/decisions/{sent.decision_id}/").status == 404


def test_a_decision_that_a_copy_holds_too_is_the_first_recorded_one(
    tokens: dict[str, str],
) -> None:
    assert tokens
    sent = decide("ada", "wait")
    import_world(io.BytesIO(b"".join(export_world("demo"))), as_slug="copy")
    root = superuser()

    assert root.get(f"{V1}decisions/{sent.decision_id}/").json["world"] == "demo"
    assert root.get(f"{V1}worlds/copy/decisions/{sent.decision_id}/").json["world"] == "copy"
