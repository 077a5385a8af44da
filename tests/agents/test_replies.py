"""Any body of a completion is a reply or a fault, whatever the server leaves out or gets wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.agents.replies import ModelFault, ModelReply, read_completion

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


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 2000, b'{"a":' * 1020 + b"1" + b"}" * 1020])
def test_a_body_that_no_reader_takes_is_a_fault(body: bytes) -> None:
    outcome = read_completion(body, KEY)

    assert isinstance(outcome, ModelFault)
    assert outcome.code == "model_error"
