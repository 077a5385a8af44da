"""A world that is known to be broken is told by HTTP and MCP alike, and can be read."""

import json

import pytest

from lifecycle.access.callers import AgentCaller, SeenWorld
from lifecycle.core.ids import AgentId
from lifecycle.journal.store import get_head
from lifecycle.mcp.tools import called
from lifecycle.models.worlds import Role
from tests.api.speaking import Api, person
from tests.journal.tampering import tamper

pytestmark = pytest.mark.django_db
FACTS = {"world": "demo", "reason": "column_mismatch", "seq": 4, "last_good_seq": 3}
HINT = (
    "Check it anew (verify); if the fault stays, go on in a fork of its first 3 events "
    "(fork --at 3), which are good."
)


def break_world(api: Api) -> None:
    """Change the last event of four, and have somebody see it."""
    assert tamper("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 4")
    assert api.get("verify/").json["ok"] is False


def test_decisions_agents_and_places_are_refused_and_reading_goes_on(ada: Api) -> None:
    eve = person("eve", Role.MAINTAINER)
    assert ada.get().json["broken"] is None
    break_world(ada)

    refused = [
        ada.decide("wait"),
        ada.post("decisions/?dry_run=1", {"decision": "wait"}),
        eve.post("decisions/", {"decision": "wait", "agent_id": "ada"}),
        eve.post("agents/", {"agent_id": "cyd"}),
        eve.post("locations/", {"location_id": "pier"}),
    ]

    for answer in refused:
        assert (answer.status, answer.code) == (409, "world_broken")
        assert answer.json["facts"] == FACTS
        assert answer.json["hint"] == HINT
    broken = ada.get().json["broken"]
    assert (broken["seq"], broken["code"]) == (4, "column_mismatch")
    for address in ("events/", "decisions/", "artifacts/", "module-lifecycle-status/"):
        assert ada.get(address).status == 200


def test_a_whole_verify_opens_the_world_and_one_of_a_part_does_not(ada: Api) -> None:
    break_world(ada)
    assert tamper("UPDATE lifecycle_journalevent SET tick = 0 WHERE seq = 4")

    assert ada.get("verify/?from=2").json["ok"]
    assert ada.decide("wait").code == "world_broken"

    assert ada.get("verify/").json["ok"]
    assert ada.decide("wait").status == 201


def test_a_tool_call_says_it_as_a_result_that_a_model_reads(ada: Api) -> None:
    break_world(ada)
    caller = AgentCaller(SeenWorld(get_head("demo").world_pk, "demo"), AgentId("ada"))

    result = called(caller, "agent_submit_decision", json.dumps({"decision": "wait"}), None)
    looked = called(caller, "world_observation", "{}", None)

    assert result.is_error
    assert result.structured_content is not None
    rejection = result.structured_content["rejection"]
    assert (rejection["code"], rejection["hint"]) == ("world_broken", HINT)
    assert not looked.is_error
