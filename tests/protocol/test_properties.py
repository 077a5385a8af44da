"""Properties of the parser: it never raises, never half-reads, never guesses.

`PARSER_FUZZ_EXAMPLES` sets the number of mutated replies, 2,000 where it is not set.
"""

import json
import os
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_decision
from lifecycle.protocol.summary import summary_of
from lifecycle.protocol.wording import WORDED_CODES, describe
from tests.protocol.bodies import ALL, COMPILE, INSTALL, WAIT, encoded

FUZZ_EXAMPLES = int(os.environ.get("PARSER_FUZZ_EXAMPLES", "2000"))
TOOL = "agent_submit_decision"
TEXTS = [json.dumps(body) for body in ALL]
INDENTED = [json.dumps(body, indent=2) for body in ALL]
CALLS = [json.dumps({"name": TOOL, "arguments": json.loads(text)}) for text in TEXTS]
TOOL_CALLS = [
    json.dumps({"tool_calls": [{"function": {"name": TOOL, "arguments": text}}]}) for text in TEXTS
]
BODIES = [*TEXTS, *INDENTED, *CALLS, *TOOL_CALLS, *(json.dumps(text) for text in TEXTS)]
REPLIES = [
    *TEXTS,
    *(f"<think>Hm, {{a}} or {text[:9]}?</think>\n\n```json\n{text}\n```\n" for text in INDENTED),
    *(f"I choose {{this}}:\n\n~~~\n{text}\n~~~\nDone." for text in TEXTS),
    *(f"{text}\n{text}" for text in TEXTS),
    *CALLS,
    json.dumps([WAIT, INSTALL]),
]
SENT = [*REPLIES, *BODIES]
# Pieces that mean something to one of the readers.
PIECES = [
    *('"', "{", "}", "[", "]", ",", ":", "\\", "\\u", "\\ud800", "'", " ", "\n", "\0", "\ufeff"),
    *("```", "~~~", "<think>", "</think>", "null", "NaN", "1e999", "-", "9" * 20, "decision"),
]


@strategies.composite
def mutated(draw: strategies.DrawFn) -> bytes:
    """Give a real reply with a few pieces put in, taken out, doubled or swapped."""
    reply = draw(strategies.sampled_from(SENT))
    for _ in range(draw(strategies.integers(1, 4))):
        start = draw(strategies.integers(0, len(reply)))
        end = min(len(reply), start + draw(strategies.integers(0, 12)))
        piece = draw(
            strategies.sampled_from([*PIECES, "", reply[start:end] * 2, reply[start:end][::-1]])
        )
        reply = reply[:start] + piece + reply[end:]
    body = reply.encode()
    if draw(strategies.integers(0, 9)) == 0:
        place = draw(strategies.integers(0, len(body)))
        body = body[:place] + draw(strategies.binary(min_size=1, max_size=3)) + body[place:]
    return body


def check(result: Parsed | Malformed) -> None:
    """Hold a result against what is promised of every result."""
    if isinstance(result, Parsed):
        canonical_bytes(summary_of(result.decision))
        canonical_bytes(result.arguments)
        return
    assert result.code in WORDED_CODES
    shown = orjson.dumps(result.facts).decode()
    assert len(shown) < 3_000
    assert all(len(text) <= 200 and text.isprintable() for text in texts_of(result.facts))
    describe(result.code, result.field, result.facts)


def texts_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_of(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return []


@settings(max_examples=1_000)
@given(strategies.binary(max_size=200), strategies.booleans())
def test_any_bytes_are_a_decision_or_malformed(body: bytes, text_reply: bool) -> None:  # noqa: FBT001
    check(parse_decision(body, text_reply=text_reply))


@settings(max_examples=FUZZ_EXAMPLES)
@given(mutated(), strategies.booleans(), strategies.booleans())
def test_mutated_replies_are_a_decision_or_malformed(
    body: bytes,
    text_reply: bool,  # noqa: FBT001
    takes_agent_id: bool,  # noqa: FBT001
) -> None:
    check(parse_decision(body, text_reply=text_reply, takes_agent_id=takes_agent_id))


JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=10)
    | strategies.sampled_from(["self", "agent:scout", "0.1.0", "clock", "wait"]),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = sorted({name for body in ALL for name in body} | {"agent_id", "surplus"})


@settings(max_examples=300)
@given(strategies.sampled_from(ALL), strategies.dictionaries(strategies.sampled_from(FIELDS), JSON))
def test_any_value_in_any_field_is_a_decision_or_malformed(
    body: dict[str, Any], changes: dict[str, Any]
) -> None:
    check(parse_decision(encoded({**body, **changes})))


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_no_part_of_a_body_is_another_decision(body: str) -> None:
    check_prefixes(body.encode(), text_reply=False)


@pytest.mark.parametrize("reply", SENT, ids=range(len(SENT)))
def test_no_part_of_a_reply_is_another_decision(reply: str) -> None:
    check_prefixes(reply.encode(), text_reply=True)


def check_prefixes(body: bytes, *, text_reply: bool) -> None:
    whole = parse_decision(body, text_reply=text_reply)
    for length in range(len(body)):
        part = parse_decision(body[:length], text_reply=text_reply)
        if isinstance(part, Parsed):
            assert isinstance(whole, Parsed)
            assert part.decision == whole.decision


@settings(max_examples=300)
@given(
    strategies.dictionaries(
        strategies.text(strategies.characters(codec="utf-8"), max_size=20),
        strategies.text(strategies.characters(codec="utf-8")),
        min_size=1,
        max_size=5,
    )
)
def test_source_texts_arrive_exactly_as_sent(files: dict[str, str]) -> None:
    body = {**COMPILE, "source_files": files, "source_file_count": None, "source_total_bytes": None}
    for sent in (encoded(body), f"So:\n```json\n{json.dumps(body)}\n```".encode()):
        parsed = parse_decision(sent, text_reply=not sent.startswith(b"{"))

        assert isinstance(parsed, Parsed)
        assert parsed.decision.source_files == files  # type: ignore[union-attr]


@settings(max_examples=300)
@given(strategies.integers())
def test_l15_an_integer_is_exact_or_refused(ticks: int) -> None:
    for written in (str(ticks), f'"{ticks}"'):
        parsed = parse_decision(f'{{"decision": "wait", "ticks": {written}}}'.encode())

        if isinstance(parsed, Parsed):
            assert parsed.decision.ticks == ticks  # type: ignore[union-attr]
        else:
            assert parsed.code in {"out_of_range", "wrong_type"}
            assert not 1 <= ticks <= 2**53 - 1
