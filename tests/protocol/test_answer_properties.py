"""Properties of answers in the shapes that models give: found whole, never half, never guessed.

The shapes are the fuzz's; here chance is hypothesis's, which finds the smallest one that fails.
"""

import json
from random import Random

from hypothesis import HealthCheck, given, settings, strategies
from jsonschema import Draft202012Validator

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_answer, parse_call, parse_decision
from lifecycle.protocol.schema import decision_json_schema
from tests.fuzz.cases import decision_of
from tests.fuzz.decisions import arguments, dumped, spelled, two_different
from tests.fuzz.shapes import answer, body, reply, value_of

CHANCE = strategies.randoms(use_true_random=False)
SCHEMA = Draft202012Validator(decision_json_schema())

few = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@few
@given(CHANCE)
def test_a_decision_in_any_shape_is_the_decision(rng: Random) -> None:
    plain = arguments(rng)
    whole = body(rng, plain).text.encode()
    within = reply(rng, plain).text.encode()

    for parsed in (
        parse_decision(whole),
        parse_decision(whole, text_reply=True),
        parse_decision(within, text_reply=True),
        parse_answer(within, text_reply=True),
    ):
        assert isinstance(parsed, Parsed)
        assert parsed.decision == decision_of(plain)


@few
@given(CHANCE)
def test_an_accepted_decision_written_out_is_itself_and_as_the_schema_promises(
    rng: Random,
) -> None:
    parsed = parse_decision(answer(rng).text.encode(), text_reply=True)
    assert isinstance(parsed, Parsed)

    written = parsed.decision.model_dump(mode="json")
    again = parse_decision(json.dumps(written).encode())

    assert list(SCHEMA.iter_errors(written)) == []
    assert isinstance(again, Parsed)
    assert (again.decision, again.repairs) == (parsed.decision, ())


@few
@given(CHANCE)
def test_no_beginning_of_an_answer_is_a_decision_before_its_json_ends(rng: Random) -> None:
    whole = answer(rng)
    end = len((whole.before + whole.json).encode())
    part = whole.text.encode()[: rng.randrange(end)]

    assert isinstance(parse_decision(part), Malformed)
    assert isinstance(parse_decision(part, text_reply=True), Malformed)


@few
@given(CHANCE)
def test_of_two_different_decisions_in_one_answer_none_is_taken(rng: Random) -> None:
    one, other = two_different(rng)
    second = body(rng, other).text.lstrip("\ufeff")
    text = f"{answer(rng, one).text}\n{second}"

    assert isinstance(parse_decision(text.encode(), text_reply=True), Malformed)
    listed = json.dumps([value_of(rng, one), value_of(rng, other)]).encode()
    assert isinstance(parse_decision(listed), Malformed)


@few
@given(CHANCE)
def test_a_call_apart_from_its_message_is_read_as_within_it(rng: Random) -> None:
    plain = arguments(rng)
    sent = spelled(rng, plain)
    text = dumped(rng, sent)

    apart = parse_call("agent_submit_decision", text)
    within = parse_decision(
        json.dumps({"name": "agent_submit_decision", "arguments": text}).encode()
    )

    assert apart == within
    assert isinstance(apart, Parsed)
    assert apart.decision == decision_of(plain)
