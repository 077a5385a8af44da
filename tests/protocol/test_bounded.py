"""The schema for servers that hold a model to a grammar: bounded, and never beside the parser."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.protocol.bounded import bounded_answer_schema
from lifecycle.protocol.names import DECISION_NAMES, TOOL_NAME
from lifecycle.protocol.parser import Parsed, parse_answer, parse_call
from tests.protocol.bodies import ALL

LENGTHS = (16, 192, 2048, 8192)
# What defaults, and what would tell of an answer that was cut off, is not asked for.
UNASKED = {"publisher", "installer", "source_file_count", "source_total_bytes"}


def fields_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every schema of a value inside of one, lists and their entries too."""
    for alternative in schema["anyOf"]:
        for field in alternative["properties"].values():
            yield field
            yield from field.get("items", {}).get("properties", {}).values()


def values_of(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Give a strategy of what one field's schema allows."""
    if "const" in field:
        return st.just(field["const"])
    if "pattern" in field:
        return st.from_regex(field["pattern"].removesuffix("$"), fullmatch=True)
    match field["type"]:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(field["minimum"], field["maximum"])
        case "array":
            return st.lists(objects_of(field["items"]), min_size=1, max_size=field["maxItems"])
        case _:
            # No surrogates: no server sends them. Whole blanks are the rules' to refuse.
            letters = st.characters(exclude_categories=["Cs", "Z", "C"])
            return st.text(letters, min_size=1, max_size=min(field["maxLength"], 20))


def objects_of(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give a strategy of what an object's schema allows."""
    fields = {name: values_of(field) for name, field in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema["required"]}
    return st.fixed_dictionaries(required, optional=fields)


@pytest.mark.parametrize("tokens", LENGTHS)
def test_nothing_that_a_bounded_schema_allows_goes_on_without_end(tokens: int) -> None:
    schema = bounded_answer_schema(tokens)

    jsonschema.Draft202012Validator.check_schema(schema)
    consts = [one["properties"]["decision"]["const"] for one in schema["anyOf"]]
    assert consts == list(DECISION_NAMES)
    for field in fields_in(schema):
        bounded = {"const", "maxLength", "maxItems", "maximum"} & set(field)
        outside_of_classes = re.sub(r"\[[^]]*\]", "", field.get("pattern", "*"))
        assert bounded or field["type"] == "boolean" or not {"*", "+"} & set(outside_of_classes)


def test_an_answer_of_few_tokens_holds_one_file_with_fewer_characters() -> None:
    [files] = [field for field in fields_in(bounded_answer_schema(192)) if "items" in field]

    assert files["maxItems"] == 1
    assert files["items"]["properties"]["content"]["maxLength"] < 192


@pytest.mark.parametrize("body", ALL, ids=lambda body: body["decision"])
def test_every_decision_can_be_said_under_a_bounded_schema(body: dict[str, Any]) -> None:
    asked = {name: value for name, value in body.items() if name not in UNASKED}
    sent = dict(asked)
    if "source_files" in asked:
        files = asked["source_files"].items()
        sent["source_files"] = [{"path": path, "content": text} for path, text in files]

    jsonschema.validate(sent, bounded_answer_schema(8192))

    answer = parse_answer(json.dumps(sent).encode(), text_reply=True)
    plain = parse_call(TOOL_NAME, json.dumps(asked))
    assert isinstance(answer, Parsed)
    assert isinstance(plain, Parsed)
    assert answer.decision == plain.decision


@pytest.mark.parametrize("place", range(len(DECISION_NAMES)), ids=DECISION_NAMES)
@given(data=st.data())
def test_whatever_a_bounded_schema_allows_is_a_well_formed_decision(
    place: int, data: st.DataObject
) -> None:
    alternative = bounded_answer_schema(192)["anyOf"][place]

    said = data.draw(objects_of(alternative))

    answer = parse_answer(json.dumps(said).encode(), text_reply=True)
    assert isinstance(answer, Parsed), answer
    assert answer.decision.decision == DECISION_NAMES[place]
