"""The journal over HTTP: pages, single events, the state at any place, the proof, the export."""

import hashlib
import io

import orjson
import pytest
from django.db import connection
from django.test import Client

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.journal.triggers import create_statements, drop_statements
from lifecycle.models.worlds import Role
from lifecycle.usecases.importing import import_world
from lifecycle.usecases.long_answers import turn
from lifecycle.usecases.verify import verify_world
from tests.api.speaking import DEMO, Api, person
from tests.service import compile_source, decide, deploy, found_world, wasm

pytestmark = pytest.mark.django_db


def falsify(seq: int) -> None:
    """Change a stored event below every guard."""
    with connection.cursor() as cursor:
        for statement in drop_statements(connection.vendor):
            cursor.execute(statement)
        cursor.execute(
            "UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hut') WHERE seq = %s",
            [seq],
        )
        for statement in create_statements(connection.vendor):
            cursor.execute(statement)


def test_events_come_in_order_and_each_page_leads_to_the_next(ada: Api) -> None:
    for _ in range(6):
        decide("ada", "wait")

    seqs: list[int] = []
    page = ada.get("events/?limit=4").json
    while True:
        seqs += [event["seq"] for event in page["events"]]
        assert page["head_seq"] == 10
        if page["next"] is None:
            break
        page = ada.get(f"events/?limit=4&after={page['next']}").json

    assert seqs == list(range(1, 11))


@pytest.mark.parametrize(("asked", "given"), [("0", 1), ("2", 2), ("5000", 4), ("", 4)])
def test_a_pages_limit_is_clamped(ada: Api, asked: str, given: int) -> None:
    assert len(ada.get(f"events/?limit={asked}").json["events"]) == given


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=ten", "after=9223372036854775808"])
def test_a_malformed_place_is_refused(ada: Api, query: str) -> None:
    answer = ada.get(f"events/?{query}")

    assert (answer.status, answer.code) == (400, "invalid_parameter")


def test_past_the_end_there_is_an_empty_page(ada: Api) -> None:
    page = ada.get("events/?after=9223372036854775807").json

    assert (page["events"], page["next"], page["head_seq"]) == ([], None, 4)


def test_a_reader_can_check_the_chain_from_the_pages_alone(ada: Api) -> None:
    decide("ada", "wait", message_to_user="é \U0001f980")
    events = ada.get("events/").json["events"]

    prev_hash = "0" * 64
    for event in events:
        stated = event.pop("hash")
        assert event["prev_hash"] == prev_hash
        assert hashlib.sha256(canonical_bytes(event)).hexdigest() == stated
        prev_hash = stated
    assert prev_hash == ada.get().json["head_hash"]


def test_l17_stored_events_are_readable_by_a_strict_reader(ada: Api) -> None:
    decide("ada", "wait_ticks", ticks=9)

    page = orjson.loads(ada.get("events/").body)

    assert page["events"][-1]["payload"]["ticks"] == 9


@pytest.mark.parametrize("seq", ["0", "99", "9223372036854775808"])
def test_a_place_without_an_event_is_404(ada: Api, seq: str) -> None:
    assert ada.get(f"events/{seq}/").code == "not_found"
    assert ada.get("events/2/").json["kind"] == "LocationRegistered"


def test_the_state_at_a_place_is_the_one_of_that_time(ada: Api) -> None:
    decide("ada", "wait_ticks", ticks=5)

    now, then = ada.get("state/").json, ada.get("state/?at=3").json

    assert (now["seq"], now["state"]["tick"]) == (5, 5)
    assert (then["seq"], then["head_seq"]) == (3, 5)
    assert list(then["state"]["agents"]) == ["ada"]
    assert now["state_digest"] == verify_world("demo").state_digest


@pytest.mark.parametrize("at", ["6", "x", "-1"])
def test_a_state_outside_of_the_journal_is_refused(ada: Api, at: str) -> None:
    assert ada.get(f"state/?at={at}").code == "invalid_parameter"


def test_e25_the_proof_states_its_range_the_head_and_the_time(ada: Api) -> None:
    deploy("ada", wasm())

    report = ada.get("verify/").json

    assert (report["ok"], report["fault"], report["projections_match"]) == (True, None, True)
    assert (report["from_seq"], report["to_seq"], report["events_checked"]) == (1, 5, 5)
    assert report["checks"] == ["chain", "invariants", "projections"]
    assert report["head_hash"] == ada.get().json["head_hash"]


def test_a_part_of_the_journal_can_be_checked(ada: Api) -> None:
    report = ada.get("verify/?from=2&to=3").json

    assert (report["events_checked"], report["checks"]) == (2, ["chain"])
    assert report["state_digest"] is None


@pytest.mark.parametrize("query", ["from=0", "to=9", "from=3&to=2", "from=x", "to=1e2"])
def test_a_range_that_is_none_is_refused(ada: Api, query: str) -> None:
    answer = ada.get(f"verify/?{query}")

    assert (answer.status, answer.code) == (400, "invalid_parameter")


def test_e15_a_falsified_event_is_named(ada: Api) -> None:
    falsify(2)

    report = ada.get("verify/").json

    assert not report["ok"]
    assert (report["fault"]["seq"], report["fault"]["code"]) == (2, "hash_mismatch")


def test_the_state_of_a_broken_journal_is_not_told(ada: Api) -> None:
    falsify(2)

    answer = ada.get("state/")

    assert (answer.status, answer.code) == (409, "journal_broken")
    assert answer.json["facts"] == {"seq": 2, "reason": "hash_mismatch"}


def test_e27_the_export_imports_again_as_the_same_world(ada: Api) -> None:
    deploy("ada", wasm())
    compile_source("ada", "clock", "a.wat", {"a.wat": "(module)"})

    answer = ada.get("export/")
    imported = import_world(io.BytesIO(answer.body), as_slug="copy")

    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="demo.jsonl"'
    assert imported.head_hash == ada.get().json["head_hash"]
    assert verify_world("copy").ok


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_export_that_nobody_reads_to_its_end_leaves_nothing_open(method: str) -> None:
    token = found_world()["ada"]
    response = Client().generic(
        method, f"{DEMO}export/", headers={"Authorization": f"Bearer {token}"}
    )
    if method == "GET":
        assert next(iter(response)).startswith(b'{"format"')

    response.close()

    decide("ada", "wait")
    assert verify_world("demo").ok


def test_long_answers_leave_threads_for_the_others(ada: Api) -> None:
    with turn(), turn():
        for address in ("export/", "verify/", "state/"):
            refused = ada.get(address)
            assert (refused.status, refused.code) == (503, "busy")
            assert refused.headers["Retry-After"] == "1"
        assert ada.get("events/").status == 200

    for address in ("export/", "export/", "export/", "verify/", "state/"):
        assert ada.get(address).status == 200


def test_an_auditor_may_export_and_verify(tokens: dict[str, str]) -> None:
    assert tokens
    auditor = person("audrey", Role.AUDITOR)

    assert auditor.get("verify/").json["ok"]
    assert auditor.get("export/").status == 200
