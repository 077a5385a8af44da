"""A model's raw reply: prose, fences, thinking, stray braces, and replies that were cut off."""

import json
from time import process_time

import pytest

from lifecycle.protocol.reply import MOST_FOUND
from tests.protocol.bodies import COMPILE, INSTALL, MOVE, WAIT, accepted, refused

TEXT = json.dumps(WAIT)
OTHER = json.dumps(MOVE)
FENCED = f"```json\n{TEXT}\n```"
FOUND = "found_in_text: took the decision out of the text around it"
THOUGHT = "thinking_removed: left out the thinking before the answer"


def decided(reply: str) -> dict[str, object]:
    return accepted(reply, text_reply=True).arguments


def faulted(reply: str) -> str:
    return refused(reply, text_reply=True).code


@pytest.mark.parametrize(
    "reply",
    [
        TEXT,
        f"\n  {TEXT}\n",
        FENCED,
        f"```\n{TEXT}\n```",
        f"~~~json\n{TEXT}\n~~~",
        f"```json {TEXT} ```",
        f"Here it is: ```json\n{TEXT}\n```",
        f"````\n{TEXT}\n````",
        f"I will wait.\n\n{FENCED}\n\nThat is all.",
        f"I will wait: {TEXT}. That is all.",
        f"```json\n{json.dumps(WAIT, indent=2)}\n```",
        f'```json\n{{"name": "agent_submit_decision", "arguments": {TEXT}}}\n```',
        f"[TOOL_CALLS] [{json.dumps({'name': 'agent_submit_decision', 'arguments': WAIT})}]",
        json.dumps(TEXT),
    ],
)
def test_the_decision_is_found_wherever_it_stands(reply: str) -> None:
    assert decided(reply) == WAIT


@pytest.mark.parametrize(
    "reply",
    [
        f"The diagnostics say {TEXT} but that is an injection and I will not do it.",
        f"The file says: {TEXT} and I refuse.",
        f"It wants {TEXT} I will not.",
        f"Notes:\n> {TEXT}\nI will not do that.",
        f"> quoted: {TEXT}",
        f"\u6587\u4ef6\u8bf4 {TEXT} \u4f46\u6211\u4e0d\u4f1a",
        f"It says {TEXT} twice, {TEXT} even.",
    ],
)
def test_l01_a_decision_within_a_sentence_or_a_quotation_may_be_anothers(reply: str) -> None:
    fault = refused(reply, text_reply=True)

    assert (fault.code, fault.facts) == ("ambiguous_decision", {"seen": 1, "quoted": True})


@pytest.mark.parametrize(
    "reply",
    [
        f"I will wait {TEXT}",
        f"I will wait {TEXT}. That is all.",
        f"I will wait {TEXT} Done.",
        f"{TEXT} because nothing is to be done",
        f"<tool_call>{TEXT}</tool_call> is my answer",
        f"They want {TEXT} of me, and I do it:\n{TEXT}",
    ],
)
def test_a_decision_that_ends_its_sentence_or_stands_alone_is_meant(reply: str) -> None:
    assert decided(reply) == WAIT


@pytest.mark.parametrize(
    "prose",
    [
        "I use a { here.",
        "I use a } here.",
        "Sets like {a, b} or {} matter.",
        'Keys such as {"id" are quoted.',
        "{ { { [ [",
        "{{mustache}} and ${shell} and f(x) { return x; }",
        "An array [1, 2] and a [{ start",
        "Not ready {'key': 1} yet",
    ],
)
def test_l01_stray_braces_in_prose_do_not_hide_the_decision(prose: str) -> None:
    reply = accepted(f"{prose}\n{FENCED}", text_reply=True)

    assert reply.arguments == WAIT
    assert reply.repairs == (FOUND,)


def test_l01_of_several_objects_the_one_that_is_a_decision_is_taken() -> None:
    reply = f'The state is {{"tick": 3, "agents": ["a"]}}.\n{FENCED}\nNext: {{"decision": "fly"}}'

    assert decided(reply) == WAIT


@pytest.mark.parametrize(
    "reply",
    [
        f"{FENCED}\nor\n```json\n{OTHER}\n```",
        f"{TEXT} or {OTHER}",
        f"{FENCED}\nor {OTHER}",
        f"First {TEXT}\n```\n{OTHER}\n```",
    ],
)
def test_l01_two_different_decisions_are_ambiguous_and_none_is_taken(reply: str) -> None:
    fault = refused(reply, text_reply=True)

    assert (fault.code, fault.facts) == ("ambiguous_decision", {"seen": 2})


@pytest.mark.parametrize(
    "again", [TEXT, '{"ticks":3,\n"decision":"wait"}', '{"decision": "Wait", "ticks": "3"}']
)
def test_l01_the_same_decision_twice_is_one(again: str) -> None:
    assert decided(f"{FENCED}\nI repeat: {again}") == WAIT


@pytest.mark.parametrize("between", ["", "\n", "\n\n", " ", "\r\n"])
@pytest.mark.parametrize("tag", ["think", "THINK", "thinking"])
def test_l03_thinking_before_the_answer_is_left_out(tag: str, between: str) -> None:
    for answer in (FENCED, TEXT):
        parsed = accepted(f"<{tag}>Maybe {OTHER}?</{tag}>{between}{answer}", text_reply=True)

        assert parsed.arguments == WAIT
        assert parsed.repairs[0] == THOUGHT


def test_l03_a_fence_within_the_thinking_is_no_answer() -> None:
    assert decided(f"<think>\n```json\n{OTHER}\n```\n</think>\n{FENCED}") == WAIT


def test_l03_thinking_that_began_in_the_prompt_is_left_out() -> None:
    assert decided(f'Maybe {OTHER} or {{"decision": broken}}?\n</think>\n{FENCED}') == WAIT


def test_l03_thinking_after_prose_is_left_out() -> None:
    assert decided(f"Let me see. <think>{OTHER}</think> {TEXT}") == WAIT


def test_tags_within_a_source_text_are_no_thinking() -> None:
    body = {
        **COMPILE,
        "source_files": {"a": "<think>x</think>\n```\n{"},
        "source_file_count": 1,
        "source_total_bytes": 22,
    }

    assert decided(f"<think>hm</think>\n{json.dumps(body)}") == body


def test_a_decision_in_thinking_alone_is_none() -> None:
    assert faulted(f"<think>{TEXT}</think>") == "no_decision_found"


@pytest.mark.parametrize("reply", [f"<think>{TEXT}", f"{TEXT}\n<think>or rather"])
def test_thinking_that_does_not_end_is_truncated(reply: str) -> None:
    assert faulted(reply) == "truncated"


@pytest.mark.parametrize("reply", ["", "  \n", "I will wait.", "```json\n```", "See [1, 2].", "}"])
def test_a_reply_without_an_object_holds_no_decision(reply: str) -> None:
    assert faulted(reply) == "no_decision_found"


def test_l07_a_reply_that_is_json_of_another_type_is_told_its_type() -> None:
    fault = refused("[1, 2]", text_reply=True)

    assert (fault.code, fault.facts) == ("not_an_object", {"received_type": "list"})


@pytest.mark.parametrize("reply", ['{"a": 1} {"b": 2}', "[{}] [{}]"])
def test_objects_that_are_no_decisions_are_none(reply: str) -> None:
    assert faulted(reply) == "no_decision_found"


def test_l31_one_wrapped_decision_is_told_what_is_wrong() -> None:
    fault = refused(f"```json\n{json.dumps({'answer': WAIT})}\n```", text_reply=True)

    assert (fault.code, fault.facts["unknown"]) == ("unknown_field", ["answer"])


def test_the_fault_told_is_that_of_what_came_nearest_to_a_decision() -> None:
    fault = refused('{"mood": "good"} {"decision": "move_agent"}', text_reply=True)

    assert (fault.code, fault.field) == ("missing_field", "to")


@pytest.mark.parametrize(
    "reply",
    [
        TEXT[:-1],
        f"```json\n{TEXT[:-1]}",
        f'{{"name": "agent_submit_decision", "arguments": {TEXT}',
        f"[{TEXT}, {TEXT}",
        f"[{TEXT}",
        f"{TEXT} and then {OTHER[:-2]}",
        f"```json\n{json.dumps(COMPILE, indent=1)[:-2]}\n```",
        f'```json\n{{"decision": "wait"\n```\n{FENCED}',
        json.dumps(TEXT)[:-1],
    ],
)
def test_a_reply_that_is_cut_off_is_never_made_into_a_decision(reply: str) -> None:
    assert faulted(reply) == "truncated"


def test_a_whole_object_in_a_fence_that_does_not_end_is_whole() -> None:
    assert decided(f"```json\n{TEXT}") == WAIT


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps([WAIT, INSTALL]),
        json.dumps([WAIT, WAIT]),
        f"```json\n{json.dumps([WAIT, MOVE])}\n```\n{TEXT}",
        json.dumps({"tool_calls": [{"function": {"name": "x", "arguments": "{}"}}] * 2}),
    ],
)
def test_a_list_of_several_decisions_is_refused_with_their_number(reply: str) -> None:
    fault = refused(reply, text_reply=True)

    assert (fault.code, fault.facts) == ("too_many_decisions", {"seen": 2})


def test_l05_a_trailing_comma_in_a_fence_is_mended_and_recorded() -> None:
    parsed = accepted('So:\n```json\n{"decision": "wait", "ticks": 3,}\n```', text_reply=True)

    assert parsed.arguments == WAIT
    assert parsed.repairs == (FOUND, "trailing_comma: took out a comma before a closing bracket")


@pytest.mark.parametrize("piece", ["{'decision': 'wait'}", '{"decision": wait}', "{decision: 1}"])
def test_a_malformed_decision_is_refused_with_its_place_in_the_reply(piece: str) -> None:
    fault = refused(f"So this:\n  {piece}", text_reply=True)

    assert fault.code == "malformed_json"
    assert fault.facts["line"] == 2
    assert fault.facts["column"] > 3


def test_a_place_within_a_later_line_keeps_its_column() -> None:
    fault = refused('So:  {\n"decision": x}', text_reply=True)

    assert (fault.facts["line"], fault.facts["column"]) == (2, 13)


def test_a_malformed_piece_is_told_where_nothing_else_was_found() -> None:
    assert faulted("So {'go': 1} now") == "malformed_json"


def test_a_malformed_decision_beside_a_whole_one_is_a_doubt() -> None:
    assert faulted(f"{{'decision': 'move_agent'}} or {TEXT}") == "malformed_json"


def test_a_fenced_decision_is_meant_rather_than_a_sketch_in_prose() -> None:
    assert decided(f'I could say {{"decision": "wait", ...}} but:\n{FENCED}') == WAIT


def test_what_stands_in_a_malformed_text_is_never_taken_for_a_decision() -> None:
    """A file's text that looks like a decision must not run because the outer text is broken."""
    inner = json.dumps(MOVE)
    reply = f"{{'decision': 'compile', 'source_files': {{'a.md': '{inner}'}}}}"

    assert faulted(reply) == "malformed_json"


def test_a_decision_in_a_broken_texts_fence_is_never_taken() -> None:
    reply = '{"decision": "x", "source_files": {"README.md": "\n```\n' + OTHER + '\n```\n"}}'

    assert faulted(reply) == "truncated"


@pytest.mark.parametrize("piece", ['{"decision": NaN}', '{"decision": "a", "decision": "b"}'])
def test_a_piece_that_is_refused_for_what_it_holds_is_told_by_field(piece: str) -> None:
    fault = refused(f"So: {piece}", text_reply=True)

    assert fault.field == "decision"
    assert fault.code in {"invalid_number", "duplicate_key"}


def test_every_malformed_piece_has_its_own_place() -> None:
    fault = refused("{'a': 1}\n\n  {'b': 1}\n {'decision': 1}", text_reply=True)

    assert (fault.facts["line"], fault.facts["column"]) == (4, 3)


def test_which_agent_acts_is_not_taken_from_a_reply_that_names_several() -> None:
    one, other = ({**WAIT, "agent_id": agent} for agent in ("scout", "smith"))

    fault = refused(
        f"{json.dumps(one)} {json.dumps({**other, 'ticks': 9})}",
        text_reply=True,
        takes_agent_id=True,
    )

    assert (fault.code, fault.agent_id) == ("ambiguous_decision", None)


def test_the_agent_of_the_one_decision_in_a_reply_is_told() -> None:
    reply = json.dumps({**WAIT, "agent_id": "scout"})

    assert accepted(f"So: {reply}", text_reply=True, takes_agent_id=True).agent_id == "scout"


def test_l19_a_reply_of_bad_bytes_is_refused() -> None:
    assert refused(TEXT.encode() + b"\xff", text_reply=True).code == "invalid_utf8"


def test_a_reply_of_far_too_many_objects_is_refused() -> None:
    fault = refused('{"a": 1} ' * (MOST_FOUND + 1), text_reply=True)

    assert (fault.code, fault.facts) == ("ambiguous_decision", {"seen": MOST_FOUND})


@pytest.mark.parametrize(
    "reply",
    [
        "{" * 200_000,
        '{"' * 100_000,
        "[{" * 100_000,
        "```\n" * 100_000,
        "<think>" * 50_000,
        "</think>" * 50_000,
        '{"a":' * 100_000,
        "{ " * 200_000,
        '"' * 200_000,
        "{}" * 100_000,
        "[/THINK]\n" * 50_000,
        "<reasoning>" * 40_000,
        '"{\\"' * 100_000,
        "{\n" * 200_000,
        "[[" * 200_000,
    ],
    ids=[
        "braces",
        "quotes",
        "lists",
        "fences",
        "thinking",
        "ends",
        "nests",
        "spaces",
        "texts",
        "empty",
        "ends of lines",
        "other tags",
        "texts of json",
        "braces and lines",
        "lists of lists",
    ],
)
def test_a_hostile_reply_costs_little_time(reply: str) -> None:
    started = process_time()

    refused(reply, text_reply=True)
    refused(reply)

    assert process_time() - started < 2
