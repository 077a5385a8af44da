"""Answers in which a second decision hides, or of which the end may be missing: none is run."""

import json
from typing import Any

import pytest

from lifecycle.protocol.names import TOOL_NAME
from tests.protocol.bodies import COMPILE, MOVE, WAIT, accepted, refused

TEXT = json.dumps(WAIT)
OTHER = json.dumps(MOVE)
ENCODED = json.dumps(TEXT)
OTHER_ENCODED = json.dumps(OTHER)
DOUBLE = "double_encoded: read the JSON inside of a JSON text"
FOUND = "found_in_text: took the decision out of the text around it"


def call(arguments: object) -> dict[str, Any]:
    return {"name": TOOL_NAME, "arguments": arguments}


HIDDEN = [
    {"name": TOOL_NAME, "arguments": WAIT, "input": MOVE},
    {"name": TOOL_NAME, "parameters": TEXT, "arguments": OTHER},
    {**call(WAIT), "function": call(MOVE)},
    {**call(WAIT), "tool_calls": [call(MOVE)]},
    {"tool_calls": [call(WAIT)], "function_call": call(MOVE)},
    {"tool_calls": [call(WAIT)], "content": [call(MOVE)]},
    {"tool_calls": [call(WAIT)], "choices": [{"message": {"tool_calls": [call(MOVE)]}}]},
    {"tool_calls": [call(WAIT)], "answer": MOVE},
    [call(WAIT), {"tool_calls": [call(MOVE)]}],
    [call(WAIT), [MOVE]],
    [[call(WAIT)], [call(MOVE)]],
    {"first": call(WAIT), "second": call(MOVE)},
]


@pytest.mark.parametrize("body", HIDDEN)
def test_a_second_call_in_any_part_of_an_answer_is_seen(body: object) -> None:
    for encoded in (body, json.dumps(body), [body]):
        for options in ({}, {"text_reply": True}):
            fault = refused(json.dumps(encoded), **options)

            assert (fault.code, fault.facts) == ("too_many_decisions", {"seen": 2})


@pytest.mark.parametrize("beside", [OTHER, 3, {}])
def test_whatever_stands_beside_a_call_in_tool_calls_counts(beside: object) -> None:
    fault = refused({"tool_calls": [call(WAIT), beside]})

    assert (fault.code, fault.facts) == ("too_many_decisions", {"seen": 2})


@pytest.mark.parametrize(
    "body",
    [
        {"name": TOOL_NAME, "tool": "bash", "arguments": WAIT},
        {"name": "bash", "function": call(WAIT)},
    ],
)
def test_a_call_by_two_names_is_none(body: object) -> None:
    assert refused(body).code == "too_many_decisions"


def test_the_same_name_twice_is_one_call() -> None:
    assert accepted({**call(WAIT), "tool": TOOL_NAME}).arguments == WAIT


@pytest.mark.parametrize("beside", [None, "I go.", [], {"a": [1, None]}, [{"type": "text"}]])
def test_what_is_no_call_beside_a_call_is_no_doubt(beside: object) -> None:
    body = {"tool_calls": [{**call(WAIT), "input": None}], "function_call": None, "x": beside}

    assert accepted(body).arguments == WAIT


def test_what_a_call_holds_is_its_own() -> None:
    body = {**MOVE, "message_to_user": json.dumps([call(WAIT), call(WAIT)])}

    assert accepted(call(body)).arguments == body


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{ENCODED}\n```",
        f"So:\n{ENCODED}\nDone.",
        f"<tool_call>{ENCODED}</tool_call>",
        f"```json {ENCODED}```",
        f"```\n{json.dumps(json.dumps(WAIT, indent=2))}\n```",
    ],
)
def test_a_decision_encoded_again_is_found_in_text_and_recorded(reply: str) -> None:
    parsed = accepted(reply, text_reply=True)

    assert parsed.arguments == WAIT
    assert parsed.repairs == (FOUND, DOUBLE)


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{TEXT}\n```\nor {OTHER_ENCODED}",
        f"```json\n{TEXT}\n```\nor\n{OTHER_ENCODED}",
        f"{TEXT}\n{json.dumps(OTHER_ENCODED)}",
    ],
)
def test_two_decisions_of_which_one_is_encoded_again_are_a_doubt(reply: str) -> None:
    assert refused(reply, text_reply=True).code in {"ambiguous_decision", "malformed_json"}


@pytest.mark.parametrize(
    "reply",
    [
        f"write('a.json', text={ENCODED})",
        f"write('a.json',\n{ENCODED})",
        f"files:\n  a.json: {ENCODED}\n",
        f"- {ENCODED}",
    ],
)
def test_a_text_that_is_part_of_a_program_is_not_run(reply: str) -> None:
    fault = refused(reply, text_reply=True)

    assert (fault.code, fault.facts["problem"]) == (
        "malformed_json",
        "this text is part of another",
    )


def test_json_behind_backslashes_is_not_searched_for_decisions() -> None:
    reply = "'{\\'decision\\': \\'x\\', \\'files\\': {\\'a\\': \\'" + OTHER + "\\'}}'"

    assert refused(reply, text_reply=True).code == "malformed_json"


@pytest.mark.parametrize(
    "piece",
    [
        "{'decision': 'move_agent', 'to': 'harbour'}",
        '{"name": "f", "arguments": "{\\"decision\\": \\"wait\\"}" "x": 1}',
        "{\u201cdecision\u201d: \u201cwait\u201d}",
    ],
)
def test_a_malformed_decision_is_a_doubt_in_a_fence_too(piece: str) -> None:
    fenced = f"```json\n{TEXT}\n```"
    for reply in (f"{piece}\n{TEXT}", f"```json\n{piece}\n```\nor\n{fenced}"):
        assert refused(reply, text_reply=True).code == "malformed_json"


@pytest.mark.parametrize("first", ["1", '"a"', "null", "[]", '["a"]'])
def test_a_list_that_was_cut_off_is_truncated_whatever_it_begins_with(first: str) -> None:
    for rest in ("", ",", f", {OTHER[:9]}", f", {OTHER}"):
        assert refused(f"[{first}, {TEXT}{rest}", text_reply=True).code == "truncated"


@pytest.mark.parametrize(
    "end", ["{", "[", "{\n ", '{"', '{"decision', "[\n\t{", "```json", "\n  ~~~ json\n", "<think>"]
)
def test_a_reply_that_ends_where_json_begins_is_truncated(end: str) -> None:
    for before in ("", "So:\n", f"{TEXT}\nor rather\n"):
        assert refused(f"{before}{end}", text_reply=True).code == "truncated"


@pytest.mark.parametrize("end", [".", " t", "e", "-", " }", "\n```", " <|im_end|>"])
def test_what_follows_whole_json_does_not_make_it_cut_off(end: str) -> None:
    assert accepted(f"{TEXT}{end}", text_reply=True).arguments == WAIT
    assert refused(f"{TEXT}{end}").code == "malformed_json"


def test_quoted_words_before_a_decision_do_not_hide_it() -> None:
    assert accepted(f'"Go," I said: {TEXT}', text_reply=True).arguments == WAIT


def test_two_objects_side_by_side_are_text_and_recorded_as_such() -> None:
    parsed = accepted(f'{{"tick": 3}} {TEXT}', text_reply=True)

    assert (parsed.arguments, parsed.repairs) == (WAIT, (FOUND,))


def test_a_files_text_that_holds_answers_is_a_text() -> None:
    body = {
        **COMPILE,
        "source_files": {"a.md": f"```json\n{OTHER}\n```\n<think>{ENCODED}</think>\n[THINK]"},
        "source_file_count": None,
        "source_total_bytes": None,
    }

    for reply in (json.dumps(body), f"So:\n{json.dumps(body)}", json.dumps(call(json.dumps(body)))):
        assert accepted(reply, text_reply=True).arguments == body
