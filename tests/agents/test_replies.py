"""Any body of a completion is a reply or a fault, whatever the server leaves out or gets wrong."""

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.agents.replies import ModelFault, ModelReply, read_completion, without_secret

KEY = "sk-canary-0123456789"
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(KEY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FUNCTION = st.fixed_dictionaries({"function": ODD | st.fixed_dictionaries({"name": ODD})})
MESSAGE = st.fixed_dictionaries(
    {}, optional={"content": ODD, "tool_calls": ODD | st.lists(FUNCTION), "refusal": ODD}
)
CHOICE = st.fixed_dictionaries({"message": ODD | MESSAGE}, optional={"finish_reason": ODD})
DOCUMENT = st.fixed_dictionaries(
    {"choices": ODD | st.lists(ODD | CHOICE, max_size=2)}, optional={"usage": ODD, "error": ODD}
)


@settings(max_examples=150)
@given(ODD | DOCUMENT)
def test_any_json_is_a_reply_or_a_fault_without_the_key(document: object) -> None:
    body = json.dumps(document).encode()

    outcome = read_completion(body, KEY)

    assert isinstance(outcome, ModelReply | ModelFault)
    assert KEY not in repr(outcome)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("place", ["content", "arguments"])
def test_a11_the_key_is_struck_out_however_json_within_a_text_writes_it(
    depth: int, place: str
) -> None:
    spelled = f"{KEY[:2]}\\u{ord(KEY[2]):04X}{KEY[3:]}"
    text = f'{{"decision": "wait", "message_to_user": "it is {spelled}"}}'
    for _ in range(depth - 1):
        text = json.dumps(text)
    call = {"function": {"name": "agent_submit_decision", "arguments": text}}
    message = {"content": text} if place == "content" else {"tool_calls": [call]}
    body = json.dumps({"choices": [{"message": message}]}).encode()

    outcome = read_completion(body, KEY)

    assert isinstance(outcome, ModelReply)
    kept: Any = outcome.content if place == "content" else outcome.calls[0].arguments
    for _ in range(depth):
        kept = json.loads(kept)
    assert kept["message_to_user"] == "it is [key]"


@pytest.mark.parametrize("text", ["\\" * 2_000_000, "s\\" * 1_000_000, KEY[:-1] * 200_000])
def test_to_look_for_the_key_takes_no_time(text: str) -> None:
    started = process_time()

    without_secret(text, KEY)

    assert process_time() - started < 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 2000, b'{"a":' * 1020 + b"1" + b"}" * 1020])
def test_a_body_that_no_reader_takes_is_a_fault(body: bytes) -> None:
    outcome = read_completion(body, KEY)

    assert isinstance(outcome, ModelFault)
    assert outcome.code == "model_error"
