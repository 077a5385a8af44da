"""Whatever is sent is a message, or is answered in our words: nothing else comes of it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from lifecycle.mcp.messages import MessageError, read_message

ATOMS = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(),
    some.text(some.characters(), max_size=6),
    some.sampled_from(["2.0", "tools/call", "ping", "\ud800"]),
)
VALUES = some.recursive(
    ATOMS,
    lambda inner: some.one_of(
        some.lists(inner, max_size=3),
        some.dictionaries(
            some.sampled_from(["name", "arguments", "_meta", "uri", "\udc00"]), inner, max_size=3
        ),
    ),
    max_leaves=8,
)
MESSAGES = some.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": some.one_of(some.just("2.0"), VALUES),
        "id": some.one_of(some.just(7), VALUES),
        "method": some.one_of(some.sampled_from(["tools/call", "ping"]), VALUES),
        "params": VALUES,
        "result": VALUES,
        "error": VALUES,
    },
)


def judged(body: bytes) -> dict[str, Any] | None:
    """Read a body; give the error that it is answered with, or `None` for a message."""
    try:
        sent = read_message(body)
    except MessageError as error:
        answer: dict[str, Any] = json.loads(error.answer.model_dump_json())
        return answer
    assert json.loads(sent.encoded())["jsonrpc"] == "2.0"
    return None


@given(some.one_of(MESSAGES, VALUES))
def test_any_json_is_a_message_or_is_refused_in_words(value: object) -> None:
    answer = judged(json.dumps(value).encode())

    assert answer is None or answer["error"]["data"]["hint"] in answer["error"]["message"]


@given(some.one_of(some.binary(), MESSAGES.map(lambda one: json.dumps(one).encode()[:-2])))
def test_any_bytes_are_a_message_or_are_refused_in_words(body: bytes) -> None:
    answer = judged(body)

    assert answer is None or answer["error"]["data"]["hint"] in answer["error"]["message"]


def test_the_arguments_of_a_call_are_kept_as_they_were_sent() -> None:
    arguments = '{"decision": "wait", "decision": "fly", "ticks": 1.0}'
    params = f'{{"name": "x", "arguments": {arguments}}}'
    body = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {params}}}'

    sent = read_message(body.encode())

    assert sent.arguments == arguments
    assert b"decision" not in sent.encoded()
