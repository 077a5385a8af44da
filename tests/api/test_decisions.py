"""Submitting a decision: each outcome has its status, its document and its headers."""

import pytest

from lifecycle.models.content import Content
from lifecycle.models.decisions import Decision
from lifecycle.models.worlds import Role
from lifecycle.usecases.verify import verify_world
from tests.api.speaking import DEMO, Api, nobody, person
from tests.service import hash_of, wasm

pytestmark = pytest.mark.django_db
WASM = wasm()
# One function that promises an i32 and gives nothing: its form is right, its types are not.
NO_MODULE = bytes.fromhex("0061736d010000000105016000017f030201000a040102000b")


def deploy(api: Api, content: bytes = WASM, **more: str) -> None:
    """Deploy bytes, and have that applied."""
    answer = api.decide(
        "deploy_module_artifact",
        wasm_hash=hash_of(content),
        wasm_bytes_hex=content.hex(),
        **more,
    )
    assert answer.status == 201


def test_an_applied_decision_is_created_with_its_events_and_its_address(ada: Api) -> None:
    answer = ada.decide("wait_ticks", ticks=3)

    assert answer.status == 201
    assert answer.json["status"] == "applied"
    assert answer.json["agent_id"] == "ada"
    assert answer.json["channel"] == "api"
    [event] = answer.json["events"]
    assert (event["kind"], event["payload"]["ticks"], event["tick"]) == ("AgentWaited", 3, 3)
    address = f"http://testserver{DEMO}decisions/{answer.json['id']}/"
    assert answer.headers["Location"] == address
    assert ada.get(f"decisions/{answer.json['id']}/").json == answer.json
    assert ada.get(f"/api/v1/decisions/{answer.json['id']}/").json == answer.json


def test_a_refusal_by_the_rules_is_422_with_the_rejection_and_is_journaled(ada: Api) -> None:
    answer = ada.decide("move_agent", to="nowhere")

    assert answer.status == 422
    assert answer.media_type == "application/problem+json"
    assert (answer.code, answer.json["field"]) == ("location_not_found", "to")
    decision = answer.json["decision"]
    assert decision["status"] == "rejected"
    assert decision["rejection"] == answer.json["rejection"]
    assert [event["kind"] for event in decision["events"]] == ["ActionRejected"]
    assert ada.get(f"decisions/{decision['id']}/").json == decision


def test_bytes_that_are_no_module_come_with_the_validators_own_sentence(ada: Api) -> None:
    refused = {
        "decision": "deploy_module_artifact",
        "wasm_hash": hash_of(NO_MODULE),
        "wasm_bytes_hex": NO_MODULE.hex(),
    }

    tried = ada.post("decisions/?dry_run=1", refused)
    stored = list(Content.objects.values_list("digest", flat=True))
    answer = ada.post("decisions/", refused)

    assert (answer.status, answer.code) == (422, "invalid_wasm")
    for document in (tried.json["decision"], answer.json["decision"]):
        [diagnostic] = document["diagnostics"]
        assert diagnostic["severity"] == "error"
        assert "type mismatch" in diagnostic["message"]
    assert "type mismatch" not in str(answer.json["decision"]["events"])
    again = ada.get(f"decisions/{answer.json['decision']['id']}/").json
    assert again == answer.json["decision"]
    # What was tried left nothing behind.
    digest = again["rejection"]["facts"]["diagnostics_digest"]
    assert digest not in stored
    assert "diagnostics_digest" not in tried.json["decision"]["rejection"]["facts"]
    assert verify_world("demo").ok


def test_malformed_input_is_400_kept_and_not_journaled(ada: Api) -> None:
    before = ada.get().json["head_seq"]

    answer = ada.decide("wait_ticks", ticks="soon")

    assert (answer.status, answer.code, answer.json["field"]) == (400, "wrong_type", "ticks")
    assert answer.json["decision"]["status"] == "malformed"
    assert ada.get().json["head_seq"] == before
    assert ada.get(f"decisions/{answer.json['decision']['id']}/").json["status"] == "malformed"


def test_deploying_the_same_bytes_again_changes_nothing_and_says_so(ada: Api) -> None:
    deploy(ada)

    again = ada.decide("deploy_module_artifact", wasm_hash=hash_of(WASM), wasm_bytes_hex=WASM.hex())

    assert (again.status, again.json["status"], again.json["events"]) == (200, "unchanged", [])


def test_a_compile_is_accepted_and_says_where_to_look_again(ada: Api) -> None:
    answer = ada.decide(
        "compile_module_artifact_from_source",
        module_id="clock",
        manifest_path="a.wat",
        source_files={"a.wat": "(module)"},
    )

    assert (answer.status, answer.json["status"]) == (202, "compiling")
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Location"].endswith(f"/decisions/{answer.json['id']}/")


def test_m01_a_second_publisher_becomes_an_owner_and_the_first_stays_publisher(
    ada: Api, bob: Api
) -> None:
    deploy(ada)
    deploy(bob)

    artifact = ada.get(f"artifacts/{hash_of(WASM)}/").json

    assert artifact["publisher_agent_id"] == "ada"
    assert artifact["owner_agent_ids"] == ["ada", "bob"]


def test_m03_a_module_id_of_another_agent_is_refused_naming_its_holder(ada: Api, bob: Api) -> None:
    deploy(ada)
    deploy(bob)
    ada.decide("install_module_from_artifact", module_id="clock", wasm_hash=hash_of(WASM))

    answer = bob.decide("install_module_from_artifact", module_id="clock", wasm_hash=hash_of(WASM))

    assert (answer.status, answer.code) == (422, "module_id_taken")
    assert answer.json["facts"] == {"module_id": "clock", "holder": "ada"}


def test_an_agent_names_only_itself(ada: Api) -> None:
    for body in (
        {"decision": "wait", "agent_id": "bob"},
        {
            "decision": "install_module_from_artifact",
            "installer": "agent:bob",
            "module_id": "clock",
            "wasm_hash": hash_of(WASM),
        },
        {
            "decision": "deploy_module_artifact",
            "publisher": "agent:bob",
            "wasm_hash": hash_of(WASM),
            "wasm_bytes_hex": WASM.hex(),
        },
    ):
        answer = ada.post("decisions/", body)
        assert (answer.status, answer.code) == (403, "acting_for_another")
        assert "“bob”" in answer.json["detail"] or "agent:bob" in answer.json["detail"]
    assert ada.decide("wait", agent_id="ada").status == 201


def test_a_location_is_refused_as_an_owner_by_name(ada: Api) -> None:
    answer = ada.decide(
        "install_module_from_artifact",
        installer="location:hub",
        module_id="clock",
        wasm_hash=hash_of(WASM),
    )

    assert (answer.status, answer.code, answer.json["field"]) == (400, "invalid_owner", "installer")
    assert "location" in answer.json["detail"]


def test_a_person_acts_for_an_agent_that_the_body_names(ada: Api) -> None:
    operator = person("olga", Role.OPERATOR)

    answer = operator.decide("wait", agent_id="bob")

    assert answer.status == 201
    assert (answer.json["agent_id"], answer.json["account"]) == ("bob", "olga")
    event = ada.get(f"events/{answer.json['events'][0]['seq']}/").json
    assert event["actor"] == {"account": "olga", "agent_id": "bob", "channel": "api"}


def test_a_person_must_name_the_agent(ada: Api) -> None:
    answer = person("olga", Role.OPERATOR).decide("wait")

    assert (answer.status, answer.code, answer.json["field"]) == (400, "missing_field", "agent_id")
    assert ada.get().json["tick"] == 0


def test_an_agent_that_the_world_does_not_have_is_refused_by_the_rules(ada: Api) -> None:
    answer = person("olga", Role.OPERATOR).decide("wait", agent_id="nobody")

    assert (answer.status, answer.code) == (422, "agent_not_found")
    assert ada.get().json["tick"] == 0


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_only_look_may_not_submit(tokens: dict[str, str], role: Role) -> None:
    assert tokens
    looking = person("vera", role)

    answer = looking.decide("wait", agent_id="ada")

    assert (answer.status, answer.code) == (403, "permission_denied")
    assert looking.get().status == 200
    assert not Decision.objects.exists()


def test_a_dry_run_judges_and_records_nothing(ada: Api) -> None:
    before = ada.get().json

    applied = ada.send("POST", f"{DEMO}decisions/?dry_run=1", b'{"decision": "wait", "ticks": 2}')
    refused = ada.send(
        "POST", f"{DEMO}decisions/?dry_run=true", b'{"decision": "move_agent", "to": "x"}'
    )
    malformed = ada.send("POST", f"{DEMO}decisions/?dry_run=1", b'{"decision": "fly"}')

    assert (applied.status, applied.json["status"], applied.json["id"]) == (200, "applied", None)
    assert applied.json["events"][0]["payload"] == {"agent_id": "ada", "ticks": 2}
    assert (refused.status, refused.code) == (422, "location_not_found")
    assert (malformed.status, malformed.code) == (400, "unknown_decision")
    assert ada.get().json == before
    assert not Decision.objects.exists()
    assert "Location" not in applied.headers


def test_a_dry_run_parameter_that_is_no_boolean_runs_nothing(ada: Api) -> None:
    answer = ada.send("POST", f"{DEMO}decisions/?dry_run=perhaps", b'{"decision": "wait"}')

    assert (answer.status, answer.code, answer.json["field"]) == (
        400,
        "invalid_parameter",
        "dry_run",
    )
    assert ada.get().json["tick"] == 0


def test_both_spellings_of_the_address_take_the_decision(ada: Api) -> None:
    answer = ada.send("POST", f"{DEMO}decisions", b'{"decision": "wait"}')

    assert answer.status == 201


def test_decisions_need_somebody_who_sends_them(tokens: dict[str, str]) -> None:
    assert tokens
    answer = nobody().decide("wait")

    assert (answer.status, answer.code) == (401, "authentication_failed")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="worldsim"'


def test_what_the_api_did_verifies(ada: Api, bob: Api) -> None:
    deploy(ada)
    deploy(bob)
    ada.decide("install_module_from_artifact", module_id="clock", wasm_hash=hash_of(WASM))
    bob.decide("move_agent", to="nowhere")

    assert verify_world("demo").ok
