"""The room of a prompt, and the estimate of what a text takes of it."""

import pytest
from hypothesis import given, strategies

from lifecycle.protocol.prompt_budget import Budget, estimate_tokens

# The most that any of four vocabularies takes: cl100k_base, o200k_base, one like Qwen's, Gemma 3's.
COUNTED = {
    "You can install only what you own: what you compiled or deployed yourself.": 15,
    '{"decision": "wait_ticks", "ticks": 10}': 15,
    '{"wasm_hash":"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"}': 71,
    "for (uint32_t at = 1; at < count; at++) {\n    orders[at - 1] = book->orders[at];\n}\n": 37,
    "error[E0425]: cannot find value `totl` in this scope\n --> src/lib.rs:12:9\n": 31,
    "        (i32.shr_u (local.get $crc) (i32.const 1))\n": 26,
    "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b": 82,
    "让 Agent 可直接通过一次提交触发生命周期动作。": 19,
}


@pytest.mark.parametrize("text", COUNTED)
def test_the_estimate_is_an_upper_bound_for_what_prompts_hold(text: str) -> None:
    assert COUNTED[text] <= estimate_tokens(text) <= 2.1 * COUNTED[text]


@given(strategies.text(alphabet=strategies.characters(codec="utf-8")))
def test_the_estimate_never_exceeds_the_bytes(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= len(text.encode())


def test_rare_characters_take_more_than_one_token() -> None:
    assert [estimate_tokens(text) for text in ("a", "é", "한", "🦀")] == [1, 1, 2, 3]


@pytest.mark.parametrize(("context", "reserved", "available"), [(100, 30, 70), (100, 130, 0)])
def test_what_is_reserved_is_not_available(context: int, reserved: int, available: int) -> None:
    assert Budget(context, reserved).available_tokens == available
