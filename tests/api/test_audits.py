"""Checks and checkpoints over HTTP: who may ask, what they read back as."""

import pytest

from lifecycle.models.audits import CheckJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.check_jobs import run_check
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.proofs import prove
from tests.api.speaking import DEMO, V1, Api, nobody, person, superuser
from tests.journal.tampering import tamper
from tests.service import deploy, hash_of, wasm
from tests.usecases.test_checkpoints import rewrite_history

pytestmark = pytest.mark.django_db


def test_e25_an_auditor_has_a_world_checked_and_reads_the_result(ada: Api) -> None:
    eve = person("eve", Role.AUDITOR)

    asked = eve.post("checks/", {})
    run_check(CheckJob.objects.get().pk)

    assert (asked.status, asked.json["state"], asked.json["result"]) == (202, "queued", None)
    read = ada.get(asked.headers["Location"]).json
    assert (read["state"], read["account"], read["channel"]) == ("done", "eve", "api")
    result = read["result"]
    assert (result["ok"], result["from_seq"], result["to_seq"]) == (True, 1, 4)
    assert result["head_hash"] == ada.get().json["head_hash"]
    assert ada.get("checks/").json == {"checks": [read], "next": None}


def test_an_artifact_and_a_range_are_checked_by_name(ada: Api) -> None:
    deploy("ada", wasm())
    eve = person("eve", Role.MAINTAINER)

    artifact = eve.post("checks/", {"wasm_hash": f"0x{hash_of(wasm()).upper()}"})
    part = eve.post("checks/", {"from_seq": "2", "to_seq": "3"})

    assert artifact.json["wasm_hash"] == hash_of(wasm())
    assert (part.json["from_seq"], part.json["to_seq"]) == (2, 3)
    assert [check["id"] for check in ada.get("checks/?limit=1").json["checks"]] == [part.json["id"]]


@pytest.mark.parametrize("path", ["checks/", "checkpoints/"])
def test_only_auditors_and_maintainers_ask(path: str, ada: Api) -> None:
    answers = {
        "agent": ada.post(path, {}).status,
        "viewer": person("v", Role.VIEWER).post(path, {}).status,
        "operator": person("o", Role.OPERATOR).post(path, {}).status,
        "auditor": person("a", Role.AUDITOR).post(path, {}).status,
        "maintainer": person("m", Role.MAINTAINER).post(path, {}).status,
        "superuser": superuser().post(path, {}).status,
        "nobody": nobody().post(path, {}).status,
    }

    asked = 202 if path == "checks/" else 201
    assert answers == {
        "agent": 403,
        "viewer": 403,
        "operator": 403,
        "auditor": asked,
        "maintainer": asked,
        "superuser": asked,
        "nobody": 401,
    }


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"from_seq": "0"}, "from_seq"),
        ({"from_seq": "-1"}, "from_seq"),
        ({"to_seq": "1e3"}, "to_seq"),
        ({"to_seq": "9" * 30}, "to_seq"),
        ({"to_seq": "99"}, "to"),
        ({"wasm_hash": "xyz"}, "wasm_hash"),
        ({"more": "1"}, "more"),
    ],
)
def test_what_cannot_be_checked_is_refused_by_name(members: dict[str, str], field: str) -> None:
    answer = person("eve", Role.AUDITOR).post("checks/", members)

    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.usefixtures("tokens")
def test_a_check_that_is_not_there_is_not_found() -> None:
    eve = person("eve", Role.AUDITOR)

    assert eve.get("checks/nothing/").status == 404
    assert eve.post("checks/", {"wasm_hash": "0" * 64}).status == 404


def test_e17_a_member_takes_a_checkpoint_away_and_proves_by_it(ada: Api) -> None:
    made = person("eve", Role.AUDITOR).post("checkpoints/", {}).json
    ada.decide("wait")

    note = ada.get(f"checkpoints/{made['seq']}/")
    keys = ada.get(f"{V1}checkpoint-keys/").json["keys"]

    assert note.body.decode() == made["note"]
    assert note.headers["Content-Disposition"] == 'attachment; filename="demo-4.checkpoint"'
    assert keys == [key.vkey for key in known_keys()]
    assert prove("demo", made["note"], known_keys()).ok
    assert ada.get("checkpoints/").json["checkpoints"] == [made]
    assert ada.get("checkpoints/3/").status == 404
    assert ada.get(f"checkpoints/{10**30}/").status == 404


@pytest.mark.usefixtures("tokens")
def test_a_checkpoint_needs_the_proof_that_a_page_of_ours_asks() -> None:
    eve = person("eve", Role.AUDITOR)
    eve.headers = {}

    assert eve.send("POST", f"{DEMO}checkpoints/").status == 403


def test_e17_a_kept_checkpoint_is_proven_as_a_file_and_as_json(ada: Api) -> None:
    made = person("eve", Role.AUDITOR).post("checkpoints/", {}).json
    ada.decide("wait")

    by_file = ada.send("POST", f"{DEMO}verify/", made["note"].encode(), "text/plain")
    by_json = ada.post("verify/", made)

    for answer in (by_file, by_json):
        assert answer.status == 200
        assert (answer.json["ok"], answer.json["disproof"]) == (True, None)
        assert answer.json["checkpoint"]["seq"] == 4
        assert answer.json["key"] == known_keys()[0].vkey
        assert answer.json["report"]["to_seq"] == 5


def test_e17_a_history_made_anew_is_disproven_over_http(ada: Api) -> None:
    ada.decide("wait_ticks", ticks=3)
    note = make_checkpoint("demo", channel="command").note
    rewrite_history(5, ticks=4)

    answer = ada.post("verify/", {"note": note}).json

    assert (answer["ok"], answer["disproof"]["code"]) == (False, "checkpoint_mismatch")
    assert answer["report"]["ok"], "only the checkpoint can tell"


def test_a_broken_history_proves_nothing_and_is_named(ada: Api) -> None:
    note = make_checkpoint("demo", channel="command").note
    tamper("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 2")

    answer = ada.post("verify/", {"note": note}).json

    assert (answer["ok"], answer["disproof"]) == (False, None)
    assert answer["report"]["fault"]["seq"] == 2


@pytest.mark.parametrize("members", [{}, {"note": 3}, [], {"note": "no note"}])
def test_what_is_no_checkpoint_is_disproven_as_unreadable(members: object, ada: Api) -> None:
    answer = ada.post("verify/", members)

    assert answer.status == 200
    assert (answer.json["ok"], answer.json["disproof"]["code"]) == (False, "checkpoint_unreadable")
    assert answer.json["report"] is None


def test_a_checkpoint_is_read_as_text_or_json_alone(ada: Api) -> None:
    assert ada.send("POST", f"{DEMO}verify/", b"x", "application/xml").status == 415


def test_a_world_too_long_for_one_answer_is_for_the_command(
    ada: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifecycle.api.events.MOST_PROVEN", 3)

    for answer in (ada.get("verify/"), ada.post("verify/", {"note": "x"})):
        assert (answer.status, answer.code) == (400, "invalid_parameter")
        assert "command verify" in answer.json["facts"]["accepted"]
