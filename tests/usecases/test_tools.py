"""Any tool called for one agent: what is recorded, what is answered, what is refused."""

import json

import pytest

from lifecycle.access.callers import SeenWorld, get_any_world
from lifecycle.core.ids import AgentId
from lifecycle.models.decisions import Decision
from lifecycle.usecases.tools import ToolCall, ToolResult, call_tool
from tests.service import deploy, found_world, wasm

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo() -> SeenWorld:
    """A world with two agents."""
    found_world("demo", "ada", "bob")
    return get_any_world("demo")


def call(
    world: SeenWorld, name: str, arguments: object = None, *, agent: str = "ada", key: str = ""
) -> ToolResult:
    """Call a tool for an agent, by the channel of MCP."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return call_tool(ToolCall(world, AgentId(agent), None, "mcp", name, text, key or None))


WAIT = {"decision": "wait", "ticks": 2}


def test_a_decision_is_recorded_with_its_channel_and_agent(demo: SeenWorld) -> None:
    result = call(demo, "agent_submit_decision", WAIT)

    row = Decision.objects.get()
    assert not result.is_error
    assert (result.document["status"], result.document["id"]) == ("applied", row.decision_id)
    assert (row.agent_id, row.account, row.channel, row.repairs) == ("ada", None, "mcp", "[]")


def test_l25_an_alias_is_resolved_once_and_recorded(demo: SeenWorld) -> None:
    result = call(demo, "functions.agent.submit.decision", WAIT)

    assert not result.is_error
    assert result.document["repairs"][0].startswith("tool_alias:")
    assert call(demo, "moduleLifecycleStatus").document["head_seq"] == 5


def test_e01_a_key_sent_twice_gives_one_event(demo: SeenWorld) -> None:
    first = call(demo, "agent_submit_decision", WAIT, key="k")
    again = call(demo, "agent_submit_decision", WAIT, key="k")

    assert again.document["id"] == first.document["id"]
    assert Decision.objects.count() == 1


def test_a_key_sent_with_another_decision_is_an_error(demo: SeenWorld) -> None:
    call(demo, "agent_submit_decision", WAIT, key="k")

    result = call(demo, "agent_submit_decision", {"decision": "wait", "ticks": 3}, key="k")

    assert result.is_error
    assert result.document["rejection"]["code"] == "idempotency_key_reused"


def test_a_refusal_by_the_rules_is_an_error_and_a_record(demo: SeenWorld) -> None:
    result = call(demo, "agent_submit_decision", {"decision": "move_agent", "to": "nowhere"})

    assert result.is_error
    assert result.document["rejection"]["code"] == "location_not_found"
    assert Decision.objects.get().status == "rejected"


def test_acting_for_another_is_an_error(demo: SeenWorld) -> None:
    body = {
        "decision": "install_module_from_artifact",
        "installer": "agent:bob",
        "module_id": "clock",
        "wasm_hash": "0" * 64,
    }

    result = call(demo, "agent_submit_decision", body)

    assert result.is_error
    assert result.document["rejection"]["code"] == "acting_for_another"


@pytest.mark.parametrize("arguments", ['{"decision": "wait"', "[]", "null", '"wait"', "{}"])
def test_l07_arguments_that_are_no_decision_are_an_error_and_a_record(
    demo: SeenWorld, arguments: str
) -> None:
    result = call(demo, "agent_submit_decision", arguments)

    assert result.is_error
    assert Decision.objects.get().status == "malformed"


def test_l23_an_unknown_tool_is_an_error_that_names_the_tools(demo: SeenWorld) -> None:
    result = call(demo, "submit")

    assert result.is_error
    assert result.document["rejection"]["code"] == "unknown_tool"
    assert "module_lifecycle_status" in result.document["rejection"]["hint"]


def test_a_query_records_nothing(demo: SeenWorld) -> None:
    deploy("bob", wasm())
    before = Decision.objects.count()

    for name in ("module_lifecycle_status", "world_observation", "world_rules_guide"):
        assert not call(demo, name).is_error

    assert Decision.objects.count() == before


def test_a_faulty_query_is_an_error_that_names_the_field(demo: SeenWorld) -> None:
    result = call(demo, "module_lifecycle_status", {"cursor": "x"})

    assert result.is_error
    assert result.document["rejection"]["code"] == "invalid_parameter"
    assert result.document["rejection"]["field"] == "cursor"


def test_what_an_agent_sees_as_its_own_is_its_own(demo: SeenWorld) -> None:
    deploy("bob", wasm())

    mine = call(demo, "world_observation", agent="ada").document
    his = call(demo, "world_observation", agent="bob").document

    assert mine["own_artifacts"] == []
    assert [artifact["bytes_len"] for artifact in his["own_artifacts"]] == [len(wasm())]
