"""Names, nulls and blanks: what counts as absent, and what is said of what is missing."""

import pytest

from lifecycle.protocol.names import DECISION_ALIASES, DECISION_NAMES
from tests.protocol.bodies import (
    ALL,
    COMPILE,
    DEPLOY,
    INSTALL,
    MOVE,
    WAIT,
    WAIT_TICKS,
    accepted,
    refused,
    without,
)

BLANKS = ["", " ", "\n\t "]


@pytest.mark.parametrize("body", ALL)
def test_every_decision_is_accepted_as_it_is(body: dict[str, object]) -> None:
    parsed = accepted(body)

    assert parsed.arguments == body
    assert parsed.repairs == ()
    assert parsed.tool_name == "agent_submit_decision"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (WAIT, "ticks"),
        (WAIT, "message_to_user"),
        (COMPILE, "publisher"),
        (COMPILE, "source_file_count"),
        (COMPILE, "source_total_bytes"),
        (DEPLOY, "publisher"),
        (DEPLOY, "module_id"),
        (INSTALL, "installer"),
        (INSTALL, "module_version"),
        (INSTALL, "activate"),
    ],
)
def test_l09_l11_null_and_blank_on_an_optional_field_equal_absent(
    body: dict[str, object], field: str
) -> None:
    absent = accepted(without(body, field)).decision

    for value in (None, *BLANKS):
        assert accepted({**body, field: value}).decision == absent


REQUIRED = [
    (WAIT_TICKS, "ticks"),
    (MOVE, "to"),
    (COMPILE, "module_id"),
    (COMPILE, "manifest_path"),
    (COMPILE, "source_files"),
    (DEPLOY, "wasm_hash"),
    (DEPLOY, "wasm_bytes_hex"),
    (INSTALL, "module_id"),
    (INSTALL, "wasm_hash"),
]


@pytest.mark.parametrize(("body", "field"), REQUIRED)
def test_l09_null_on_a_required_field_is_a_missing_field(
    body: dict[str, object], field: str
) -> None:
    for fault in (refused({**body, field: None}), refused(without(body, field))):
        assert (fault.code, fault.field) == ("missing_field", field)
        assert fault.facts["missing"] == [field]
        assert fault.facts["decision"] == body["decision"]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    ("body", "field"), [row for row in REQUIRED if row[1] not in {"ticks", "source_files"}]
)
def test_l11_blank_required_text_is_an_empty_field(
    body: dict[str, object], field: str, blank: str
) -> None:
    fault = refused({**body, field: blank})

    assert (fault.code, fault.field) == ("empty_field", field)


@pytest.mark.parametrize(("body", "field"), [(WAIT_TICKS, "ticks"), (COMPILE, "source_files")])
def test_a_blank_text_for_what_is_no_text_has_the_wrong_type(
    body: dict[str, object], field: str
) -> None:
    assert refused({**body, field: ""}).code == "wrong_type"


def test_all_missing_fields_are_listed() -> None:
    fault = refused({"decision": "deploy_module_artifact"})

    assert fault.facts["missing"] == ["wasm_bytes_hex", "wasm_hash"]
    assert fault.facts["required"] == ["decision", "wasm_bytes_hex", "wasm_hash"]


def test_l31_arguments_wrapped_in_an_odd_key_list_it_and_what_is_missing() -> None:
    fault = refused({"payload": WAIT})

    assert (fault.code, fault.field) == ("unknown_field", "payload")
    assert fault.facts["unknown"] == ["payload"]
    assert fault.facts["missing"] == ["decision"]


def test_l31_an_unknown_field_of_a_decision_lists_what_is_accepted_and_missing() -> None:
    fault = refused({"decision": "move_agent", "destination": "hub", "speed": 3})

    assert (fault.code, fault.field) == ("unknown_field", "destination")
    assert fault.facts == {
        "unknown": ["destination", "speed"],
        "missing": ["to"],
        "accepted": ["decision", "message_to_user", "to"],
        "decision": "move_agent",
    }


def test_a_field_of_another_decision_is_unknown() -> None:
    assert refused({**WAIT, "to": "hub"}).facts["unknown"] == ["to"]


def test_an_unknown_field_is_unknown_even_as_null() -> None:
    assert refused({**WAIT, "hurry": None}).code == "unknown_field"


def test_unknown_names_are_shown_short_and_printable() -> None:
    fault = refused({**WAIT, "x" * 500: 1, "\x1b[2J": 2})

    assert all(len(name) <= 80 and name.isprintable() for name in fault.facts["unknown"])


def test_of_very_many_unknown_names_only_some_are_shown() -> None:
    fault = refused({**WAIT, **{f"f{number}": 1 for number in range(1_000)}})

    assert len(fault.facts["unknown"]) == 16


@pytest.mark.parametrize("body", [{}, {"ticks": 3}, {"decision": None, "to": "hub"}])
def test_a_missing_decision_is_named_with_the_valid_ones(body: dict[str, object]) -> None:
    fault = refused(body)

    assert (fault.code, fault.field) == ("missing_field", "decision")
    assert fault.facts["decisions"] == list(DECISION_NAMES)


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_decision_is_empty(blank: str) -> None:
    assert refused({"decision": blank}).code == "empty_field"


@pytest.mark.parametrize("value", [1, True, ["wait"], {"decision": "wait"}])
def test_a_decision_is_named_by_a_text(value: object) -> None:
    fault = refused({"decision": value})

    assert (fault.code, fault.field) == ("wrong_type", "decision")


@pytest.mark.parametrize("name", ["fly", "waits", "wait ticks", "compile", "deploy", "wait_tick"])
def test_l23_no_decision_is_guessed(name: str) -> None:
    fault = refused({**WAIT, "decision": name})

    assert (fault.code, fault.field) == ("unknown_decision", "decision")
    assert fault.facts == {"received": name, "decisions": list(DECISION_NAMES)}


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("WaitTicks", "wait_ticks"), ("WAIT_TICKS", "wait_ticks"), ("wait-ticks", "wait_ticks")],
)
def test_l23_a_decisions_other_spelling_is_read_by_the_table_and_recorded(
    spelling: str, name: str
) -> None:
    parsed = accepted({**WAIT_TICKS, "decision": spelling})

    assert parsed.decision.decision == name
    assert parsed.repairs == (f"decision_alias: read {spelling} as {name}",)


def test_a_decisions_name_is_trimmed() -> None:
    parsed = accepted({**WAIT, "decision": " wait\n"})

    assert parsed.decision.decision == "wait"
    assert parsed.repairs == ()


def test_the_table_of_decisions_is_short_and_names_each() -> None:
    assert set(DECISION_ALIASES.values()) == set(DECISION_NAMES)
    assert len(DECISION_ALIASES) < 40


def test_an_agent_id_is_no_field_of_a_decision() -> None:
    fault = refused({**WAIT, "agent_id": "scout"})

    assert (fault.code, fault.field) == ("unknown_field", "agent_id")


def test_an_agent_id_is_taken_off_where_the_envelope_has_one() -> None:
    parsed = accepted({**WAIT, "agent_id": " scout "}, takes_agent_id=True)

    assert parsed.agent_id == "scout"
    assert parsed.arguments == WAIT


@pytest.mark.parametrize("value", [None, "", " "])
def test_an_agent_id_may_be_left_out(value: str | None) -> None:
    assert accepted({**WAIT, "agent_id": value}, takes_agent_id=True).agent_id is None
    assert accepted(WAIT, takes_agent_id=True).agent_id is None


def test_an_agent_id_has_the_grammar_of_ids() -> None:
    fault = refused({**WAIT, "agent_id": "a b"}, takes_agent_id=True)

    assert (fault.code, fault.field) == ("invalid_id", "agent_id")


def test_an_agent_id_is_a_text() -> None:
    fault = refused({**WAIT, "agent_id": 3}, takes_agent_id=True)

    assert (fault.code, fault.field) == ("wrong_type", "agent_id")


def test_a_fault_tells_which_agent_was_named() -> None:
    fault = refused({"decision": "fly", "agent_id": "scout"}, takes_agent_id=True)

    assert (fault.code, fault.agent_id) == ("unknown_decision", "scout")
