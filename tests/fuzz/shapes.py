"""Answers as models of many families give them, each with one decision that is to be accepted.

Each shape is a function from the arguments to JSON, or to the text around JSON. What spoils an
answer is in `spoiled` and `mutations`.
"""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, TypeAlias

from lifecycle.protocol.names import TOOL_ALIASES, TOOL_NAME
from tests.fuzz.cases import Answer, decision_of
from tests.fuzz.decisions import arguments, dumped, spelled

Arguments: TypeAlias = Mapping[str, Any]

_SPELLINGS: Final = [spelling for spelling, name in TOOL_ALIASES.items() if name == TOOL_NAME]
# Stray braces before a fence, where they end at the latest.
STRAYS: Final = (
    "I use a { here.", "I use a } here.", "Sets like {a, b} or {} matter.", "{ { { [ [",
    'Keys such as {"id" are quoted.', "{{mustache}} and ${shell} and f(x) { return x; }",
    "An array [1, 2] and a [{ start", "Not ready {'key': 1} yet", '{"tick": 3, "agents": ["a"]}',
    "See [1] and [[harbour]], 50% done \u2026", 'He said "go" and it\'s [ "fine" ]', "{%if%}{#x}",
    "It costs `{`, not `[`.", "1. {a: 1}\n2. [x](y)",
)  # fmt: skip
PLAIN: Final = (
    "", "I will do this.", "Sure! Here is my decision, as asked:", "**Decision**",
    "# Plan\n\n- look\n", "It's \"right\" (I think) \u2014 50% sure <b>.",
    "\u6211\u51b3\u5b9a\uff1a", "Sets like {a, b} matter.", "If x < 3 then y > 4 & z;", "See [1].",
)  # fmt: skip
THOUGHTS: Final = (
    "", "Hm.", "Let me see: {a or [b", 'Maybe {"decision": "wait", "ticks": 77}?',
    '```json\n{"decision": "move_agent", "to": "nowhere"}\n```', "{'decision': broken",
    'First "decision": then }', "Two\n\nlines",
)  # fmt: skip
_TAGS: Final = (
    ("<think>", "</think>"), ("<THINK>", "</THINK>"), ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"), ("<reasoning>", "</reasoning>"), ("<reflection>", "</reflection>"),
    ("<scratchpad>", "</scratchpad>"), ("<analysis>", "</analysis>"), ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"), ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
)  # fmt: skip
_COMMENTARY: Final = f"<|start|>assistant<|channel|>commentary to=functions.{TOOL_NAME}"
_ANALYSIS: Final = "<|channel|>analysis<|message|>I may {wait} or go.<|end|>"


def _name(rng: Random) -> str:
    return TOOL_NAME if rng.random() < 0.7 else rng.choice(_SPELLINGS)


def _openai(rng: Random, sent: Arguments) -> dict[str, Any]:
    text = dumped(rng, sent)
    if rng.random() < 0.2:
        text = json.dumps(text)
    function = {"name": _name(rng), "arguments": text}
    return {"id": "call_1", "type": "function", "function": function}


def _anthropic(rng: Random, sent: Arguments) -> dict[str, Any]:
    return {"type": "tool_use", "id": "toolu_1", "name": _name(rng), "input": sent}


def _named(rng: Random, sent: Arguments) -> dict[str, Any]:
    name_key = rng.choice(("name", "tool", "function"))
    arguments_key = rng.choice(("arguments", "parameters", "input"))
    value = sent if rng.random() < 0.6 else dumped(rng, sent)
    return {name_key: _name(rng), arguments_key: value}


def _message(rng: Random, sent: Arguments) -> dict[str, Any]:
    content = rng.choice((None, "", "I will do this.", "Sets like {a, b} matter."))
    return {"role": "assistant", "content": content, "tool_calls": [_openai(rng, sent)]}


def _function_call(rng: Random, sent: Arguments) -> dict[str, Any]:
    call = {"name": _name(rng), "arguments": dumped(rng, sent)}
    return {"role": "assistant", "content": None, "function_call": call, "tool_calls": None}


def _blocks(rng: Random, sent: Arguments) -> list[Any]:
    beside = [
        {"type": "text", "text": rng.choice(PLAIN)},
        {"type": "thinking", "thinking": rng.choice(THOUGHTS), "signature": "Eq=="},
    ]
    return [*rng.sample(beside, k=rng.randint(0, 2)), _anthropic(rng, sent)]


def _content(rng: Random, sent: Arguments) -> dict[str, Any]:
    return {"role": "assistant", "content": _blocks(rng, sent), "stop_reason": "tool_use"}


VALUES: Final[Mapping[str, Callable[[Random, Arguments], Any]]] = {
    "arguments": lambda _, sent: sent,
    "name and arguments": _named,
    "OpenAI tool call": _openai,
    "OpenAI message": _message,
    "OpenAI function_call": _function_call,
    "list of one call": lambda rng, sent: [_openai(rng, sent)],
    "Anthropic tool_use": _anthropic,
    "Anthropic message": _content,
    "list of blocks": _blocks,
}


def _fence(rng: Random, mark: str = "```") -> tuple[str, str]:
    opening = mark + rng.choice(("json", "", "JSON", "json5", " json", "js title=x"))
    between = rng.choice(("\n", "\r\n", "\n\n"))
    return opening + between, "\n" + mark


def _in_fence(rng: Random) -> tuple[str, str]:
    opening, closing = _fence(rng, rng.choice(("```", "```", "~~~", "````")))
    before = rng.choice((*PLAIN, *STRAYS))
    after = rng.choice((*PLAIN, "Done.", "<end_of_turn>", "<|im_end|>"))
    return f"{before}\n{opening}", f"{closing}\n{after}"


def _in_prose(rng: Random) -> tuple[str, str]:
    end = rng.choice(("", ".", " Done.", "\n\nThat is all.", "</s>", " }"))
    return rng.choice(PLAIN) + rng.choice((" ", "\n", ": ")), end


def _after_thinking(rng: Random) -> tuple[str, str]:
    opening, closing = rng.choice(_TAGS)
    thinking = opening + rng.choice(THOUGHTS) + closing
    before, after = rng.choice((_in_fence, _in_prose, _alone))(rng)
    return thinking + rng.choice(("", "\n", "\n\n", " ", "\r\n")) + before, after


def _after_thinking_begun_before(rng: Random) -> tuple[str, str]:
    """Thinking whose opening tag stood in the prompt."""
    thoughts = [thought for thought in THOUGHTS if "decision" not in thought]
    before, after = rng.choice((_in_fence, _alone))(rng)
    return f"{rng.choice(thoughts)}\n</think>\n\n{before}", after


def _alone(_: Random) -> tuple[str, str]:
    return "", ""


def _fence_begun_before(_: Random) -> tuple[str, str]:
    return "", "\n```\n"


AROUND: Final[Mapping[str, Callable[[Random], tuple[str, str]]]] = {
    "prose and fence": _in_fence,
    "prose": _in_prose,
    "thinking": _after_thinking,
    "thinking begun in the prompt": _after_thinking_begun_before,
    "fence begun in the prompt": _fence_begun_before,
    "fence on one line": lambda _: ("Here: ```json ", " ```"),
    "Qwen, Hermes": lambda _: ("<tool_call>\n", "\n</tool_call>"),
    "Llama": lambda _: ("<|python_tag|>", "<|eom_id|>"),
    "Llama function": lambda _: (f"<function={TOOL_NAME}>", "</function>"),
    "Mistral": lambda rng: (rng.choice(("[TOOL_CALLS] ", "[TOOL_CALLS]call[ARGS]")), "</s>"),
    "DeepSeek": lambda _: (
        f"<\uff5ctool\u2581call\u2581begin\uff5c>function<\uff5ctool\u2581sep\uff5c>{TOOL_NAME}\n```json\n",
        "\n```<\uff5ctool\u2581call\u2581end\uff5c>",
    ),
    "gpt-oss": lambda _: (f"{_ANALYSIS}{_COMMENTARY} <|constrain|>json<|message|>", "<|call|>"),
    "ReAct": lambda _: (f"Thought: go.\nAction: {TOOL_NAME}\nAction Input: ", "\nObservation:"),
    "XML": lambda rng: (f"<{(tag := rng.choice(('answer', 'json', 'output')))}>\n", f"\n</{tag}>"),
}


def value_of(rng: Random, sent: Arguments) -> Any:  # noqa: ANN401 - any JSON value
    """Wrap arguments as one of the providers' values."""
    return rng.choice(tuple(VALUES.values()))(rng, sent)


def body_text(rng: Random, sent: Arguments, *, alone: bool = True) -> str:
    """Give JSON that holds the arguments: bare, in a call, a message, or, alone, encoded again."""
    text = dumped(rng, sent if rng.random() < 0.4 else value_of(rng, sent))
    if alone and rng.random() < 0.1:
        for _ in range(rng.randint(1, 3)):
            text = json.dumps(text)
    return text


def body(rng: Random, plain: Arguments) -> Answer:
    """Give an answer that is JSON and nothing else."""
    sent = spelled(rng, plain)
    before = rng.choice(("", "", "", "\ufeff", "\n", "  "))
    after = rng.choice(("", "", "\n", "\r\n\r\n"))
    return Answer(before, body_text(rng, sent), after, decision_of(plain), sent)


def reply(rng: Random, plain: Arguments) -> Answer:
    """Give an answer with text around its JSON."""
    sent = spelled(rng, plain)
    around = rng.choice(tuple(AROUND.values()))
    before, after = around(rng)
    alone = before[-1:] in {"", "\n", ">", "]"} and not after.lstrip().startswith("}")
    text = body_text(rng, sent, alone=alone)
    forgets = around is _after_thinking_begun_before
    return Answer(before, text, after, decision_of(plain), sent, forgets)


def answer(rng: Random, plain: Arguments | None = None) -> Answer:
    """Give one answer or the other, with a decision by chance where none is given."""
    return rng.choice((body, reply))(rng, arguments(rng) if plain is None else plain)
