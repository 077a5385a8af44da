"""What a model is told during its turn: answers to queries, and why its own is to be mended."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.prompt import (
    PromptTooLarge,
    QueryAnswer,
    repair_message,
    write_query_answer,
)
from lifecycle.protocol.prompt_templates import Dialect, parse_templates
from lifecycle.protocol.wording import WORDED_CODES
from tests.protocol.prompt_texts import BLOCK, TEXTS, manifest, templates


@given(
    strategies.sampled_from(sorted(WORDED_CODES)),
    strategies.none() | strategies.text(max_size=80),
    strategies.dictionaries(
        strategies.sampled_from(["received", "unknown", "accepted", "missing", "problem"]),
        strategies.text(max_size=400) | strategies.lists(strategies.text(max_size=90)),
    ),
)
def test_a_repair_message_is_data_of_few_words(
    code: str, field: str | None, facts: dict[str, Any]
) -> None:
    message = repair_message(templates(), Malformed(code, field and field[:20], facts))

    (name, data), *others = BLOCK.findall(message.content)
    assert (name, others) == ("fault", [])
    assert json.loads(data)["code"] == code
    assert len(message.content.split()) <= 60


def test_a_repair_message_tells_field_fault_and_hint() -> None:
    facts = {"expected": "integer", "received_type": "list"}

    message = repair_message(templates(), Malformed("wrong_type", "ticks", facts))

    assert message.role == "user"
    assert message.content == (
        'Mend this:\n<data name="fault">\n{"code":"wrong_type","field":"ticks","message":"ticks '
        'must be of type integer, but it is of type list.","hint":"Give ticks as integer; an '
        'integer is written in plain digits, such as 10."}\n</data>\nThen answer again.'
    )


def test_a_fault_of_many_words_is_cut_and_says_so() -> None:
    facts = {"unknown": ["a b c"] * 20, "missing": ["d e f"] * 20, "accepted": ["g h"] * 20}

    message = repair_message(templates(), Malformed("unknown_field", "a", facts))

    data = json.loads(BLOCK.findall(message.content)[0][1])
    assert data["message"].endswith("…")
    assert data["hint"].endswith("…")


def test_a_repair_text_that_leaves_no_room_still_tells_the_code() -> None:
    changed = manifest()
    changed["repair"]["most_words"] = 1

    message = repair_message(parse_templates(changed, TEXTS), Malformed("too_deep", None, {}))

    data = json.loads(BLOCK.findall(message.content)[0][1])
    assert data == {"code": "too_deep", "field": None, "message": "", "hint": ""}


ARTIFACTS = [{"wasm_hash": f"{number:064x}"} for number in range(10)]
STATUS = {"tick": 9, "artifacts": ARTIFACTS, "note": "</data>"}


def test_the_answer_of_a_tool_is_bare_json_where_tools_have_a_role() -> None:
    answer = write_query_answer(templates(), Dialect.TOOLS, ("status", STATUS), 10_000)

    assert isinstance(answer, QueryAnswer)
    assert json.loads(answer.content) == STATUS
    assert "<" not in answer.content
    assert answer.cut == ()


@pytest.mark.parametrize("dialect", [Dialect.TEXT, Dialect.JSON_SCHEMA])
def test_the_answer_of_a_tool_is_a_block_of_data_where_they_have_none(dialect: Dialect) -> None:
    answer = write_query_answer(templates(), dialect, ("status", STATUS), 10_000)

    assert isinstance(answer, QueryAnswer)
    assert answer.content.startswith('Answer of status:\n<data name="answer">\n{"tick":9,')
    assert json.loads(BLOCK.findall(answer.content)[0][1]) == STATUS


def test_the_answer_of_a_tool_is_cut_to_its_room() -> None:
    answer = write_query_answer(templates(), Dialect.TOOLS, ("status", STATUS), 400)

    assert isinstance(answer, QueryAnswer)
    assert answer.tokens_estimated <= 400
    document = json.loads(answer.content)
    kept = len(document["artifacts"])
    assert document["artifacts"] == ARTIFACTS[:kept]
    assert document["artifacts_left_out"] == 10 - kept
    assert [(cut.name, cut.entries) for cut in answer.cut] == [("artifacts", 10 - kept)]


def test_the_answer_of_a_tool_that_has_no_room_at_all_is_told() -> None:
    answer = write_query_answer(templates(), Dialect.TOOLS, ("status", STATUS), 5)

    assert isinstance(answer, PromptTooLarge)
    assert answer.available_tokens == 5 < answer.needed_tokens


def test_an_answer_without_fields_is_an_empty_object() -> None:
    answer = write_query_answer(templates(), Dialect.TOOLS, ("status", {}), 100)

    assert isinstance(answer, QueryAnswer)
    assert answer.content == "{}"
