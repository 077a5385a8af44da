"""How families of models mark their thinking, and that none of it is ever taken for an answer."""

import json

import pytest

from tests.protocol.bodies import INSTALL, MOVE, WAIT, accepted, refused

TEXT = json.dumps(WAIT)
SKETCH = json.dumps(MOVE)
THOUGHT = "thinking_removed: left out the thinking before the answer"
TAGS = [
    ("<think>", "</think>"),
    ("<think effort='high'>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<analysis>", "</analysis>"),
    ("<antThinking>", "</antThinking>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
]
# What a tool told the model, as families mark it; a reply that holds it only repeats it.
TAGS += [
    ("<tool_response>", "</tool_response>"),
    ("<tool_result>", "</tool_result>"),
    ("<tool_results>", "</tool_results>"),
    ("<tool_output>", "</tool_output>"),
    ("<function_result>", "</function_result>"),
    ("<function_response name='status'>", "</function_response>"),
]
CHANNEL = ("<|channel|>analysis<|message|>", "<|end|>")
FINAL = "<|start|>assistant<|channel|>final<|message|>"
SKETCHES = [SKETCH, f"Maybe\n```json\n{SKETCH}\n```\n", f"{{'decision': {SKETCH}", '"decision": {']


@pytest.mark.parametrize("sketch", SKETCHES)
@pytest.mark.parametrize(("opening", "closing"), [*TAGS, CHANNEL])
def test_l03_a_sketch_in_any_familys_thinking_is_no_answer(
    opening: str, closing: str, sketch: str
) -> None:
    for answer in (TEXT, f"\n\n```json\n{TEXT}\n```", f"{FINAL}{TEXT}"):
        parsed = accepted(f"{opening}{sketch}{closing}{answer}", text_reply=True)

        assert parsed.arguments == WAIT
        assert parsed.repairs[0] == THOUGHT


@pytest.mark.parametrize(("opening", "closing"), [*TAGS, CHANNEL])
def test_l03_thinking_that_was_cut_off_is_truncated_whatever_it_holds(
    opening: str, closing: str
) -> None:
    for reply in (f"{opening}{SKETCH}", f"{TEXT}\n{opening}or {SKETCH} {closing[:-1]}"):
        assert refused(reply, text_reply=True).code == "truncated"


@pytest.mark.parametrize(("opening", "closing"), [*TAGS, CHANNEL])
def test_l03_thinking_alone_holds_no_decision(opening: str, closing: str) -> None:
    fault = refused(f"{opening}{SKETCH}{closing}", text_reply=True)

    assert fault.code == "no_decision_found"


@pytest.mark.parametrize("closing", sorted({closing for _, closing in TAGS}))
def test_l03_all_before_an_end_without_a_beginning_was_thinking(closing: str) -> None:
    reply = f"I could {SKETCH}\n{closing}\n{TEXT}"

    assert accepted(reply, text_reply=True).arguments == WAIT


@pytest.mark.parametrize("end", ["a </think> b", "\n</think>\n"])
def test_an_end_of_thinking_that_a_malformed_decision_holds_leaves_the_doubt(end: str) -> None:
    sketch = f"```json\n{{'decision': 'x', 'text': '}}}} {end}'}}\n```\nor\n"

    assert refused(f"{sketch}{TEXT}", text_reply=True).code == "malformed_json"


def test_l03_thinking_that_holds_a_malformed_sketch_ends_on_a_line_of_its_own() -> None:
    thinking = "Maybe {'decision': 'x'}?"

    assert accepted(f"{thinking}\n </think> {TEXT}", text_reply=True).arguments == WAIT
    assert refused(f"{thinking}</think>{TEXT}", text_reply=True).code == "malformed_json"


def test_the_end_of_another_message_does_not_make_an_answer_thinking() -> None:
    assert accepted(f"{TEXT}<|end|>", text_reply=True).arguments == WAIT
    assert refused(f"{TEXT}<|end|>{SKETCH}", text_reply=True).code == "ambiguous_decision"


def test_a_tag_within_thinking_does_not_end_it() -> None:
    """Thinking ends by its own tag, so that what follows another one's is still thinking."""
    reply = f"<thinking>a <reasoning>b</reasoning> {SKETCH}"

    assert refused(reply, text_reply=True).code == "truncated"
    assert accepted(f"{reply}</thinking>{TEXT}", text_reply=True).arguments == WAIT


@pytest.mark.parametrize(("opening", "closing"), TAGS)
def test_tags_of_thinking_in_a_remark_are_a_remark(opening: str, closing: str) -> None:
    body = {**INSTALL, "message_to_user": f"{opening} a {closing} {closing} b {opening}"}

    for reply in (json.dumps(body), f"So: {json.dumps(body)}"):
        assert accepted(reply, text_reply=True).arguments == body
