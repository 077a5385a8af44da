"""What chance does to good answers: cuts, splices, nests, and changes of single bytes.

Each mutation is a function from chance to a case, with what is promised of it.
"""

import json
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from random import Random
from typing import Any, Final, TypeAlias

from lifecycle.protocol.names import TOOL_NAME
from tests.fuzz.cases import (
    ANYTHING,
    REFUSED,
    Answer,
    Case,
    at_most,
    decision_of,
    exactly,
    free,
    refused,
    whole,
)
from tests.fuzz.decisions import an_id, arguments, dumped, spelled, two_different
from tests.fuzz.shapes import THOUGHTS, VALUES, answer, body, reply, value_of
from tests.fuzz.spoiled import MALFORMED

Mutation: TypeAlias = Callable[[Random, str], Case]

LARGEST_BYTES: Final = 64 * 1024
_MARK: Final = "\ufeff"
_SIGNS: Final = re.compile(r"[{}\[\]\",:\\`<>]")
_BETWEEN: Final = ("\n", "\n\n", "\nor\n", " ", "\n---\n", "\r\n", "\nNo, rather:\n", "\n2. ")
# Pieces that mean something to one of the readers.
PIECES: Final = (
    '"', "{", "}", "[", "]", ",", ":", "\\", "\\u", "\\ud800", "'", " ", "\n", "\0", "\ufeff",
    "\\n",     "```", "\n```json\n", "\n~~~\n", "<think>", "</think>", "[THINK]", "</analysis>",
    "<|end|>", "null", "true", "NaN", "1e999", "-", "9" * 20, "decision", '"decision": "wait"',
    '{"decision":', '{"decision": "wait"}', TOOL_NAME, "//", "/*", "#", ",}", ",]", '\\"', "...",
    "\u201c", "\u2028",
)  # fmt: skip


def _whole(rng: Random, kind: str) -> Case:
    return whole(kind, answer(rng))


def _names_agent(rng: Random, kind: str) -> Case:
    plain, agent_id = arguments(rng), an_id(rng)
    sent = {**spelled(rng, plain), "agent_id": rng.choice((agent_id, f" {agent_id}\n"))}
    text = dumped(rng, value_of(rng, sent))
    promise = exactly(decision_of(plain))
    return Case(kind, text.encode(), promise, promise, agent_id)


# Cuts: of an answer that holds one decision, no beginning is another one.


def _cut(kind: str, whole_answer: Answer, place: int) -> Case:
    """Cut an answer after so many bytes."""
    encoded = whole_answer.text.encode()[:place]
    if place < len((whole_answer.before + whole_answer.json).encode()):
        return refused(kind, encoded)
    as_body = REFUSED
    if encoded.strip() == whole_answer.json.encode() or whole_answer.is_body:
        as_body = exactly(whole_answer.decision)
    return Case(kind, encoded, as_body, at_most(whole_answer.decision))


def _cut_anywhere(rng: Random, kind: str) -> Case:
    cut = answer(rng)
    return _cut(kind, cut, rng.randrange(len(cut.text.encode())))


def _cut_at_a_sign(rng: Random, kind: str) -> Case:
    cut = answer(rng)
    place = rng.choice([found.start() for found in _SIGNS.finditer(cut.text)])
    return _cut(kind, cut, len(cut.text[: place + rng.randint(0, 1)].encode()))


def _cut_near_the_end(rng: Random, kind: str) -> Case:
    cut = answer(rng)
    end = len((cut.before + cut.json).encode())
    return _cut(kind, cut, max(0, end - rng.choice((0, 1, 1, 2, 3, 5, 8))))


def _cut_within_a_character(rng: Random, kind: str) -> Case:
    plain = {**arguments(rng), "message_to_user": "\u00e9\u4e2d\U0001f980" * rng.randint(1, 5)}
    text = json.dumps(plain, ensure_ascii=False)
    cut = Answer("", text, "", decision_of(plain), plain)
    middle = len(text[: text.index("\u00e9")].encode()) + rng.randint(0, 8)
    return _cut(kind, cut, middle)


def _cut_after_the_decision(rng: Random, kind: str) -> Case:
    cut = reply(rng, arguments(rng))
    first, last = len((cut.before + cut.json).encode()), len(cut.text.encode())
    return _cut(kind, cut, rng.randint(first, last))


def _cut_second(rng: Random, kind: str) -> Case:
    """A whole answer, and another one of which the end is missing."""
    one, other = two_different(rng)
    first, second = answer(rng, one), reply(rng, other)
    part = second.json[: rng.randint(1, len(second.json) - 1)]
    text = first.text + rng.choice(_BETWEEN) + second.before + part
    # Of JSON in a text, the first signs alone are not to be told from a text.
    sure = not second.json.startswith('"')
    promise = REFUSED if sure or second.forgets else at_most(first.decision)
    return Case(kind, text.encode(), REFUSED, promise)


def _cut_list(rng: Random, kind: str) -> Case:
    """A list of two decisions that was cut off after the first may hold any number of them."""
    values = [value_of(rng, spelled(rng, plain)) for plain in two_different(rng)]
    before: list[Any] = rng.choice(([], [1], ["a"], [None], [[]], [{}], [-1.5, True]))
    text = json.dumps([*before, *values])
    between = len(json.dumps([*before, values[0]])) - rng.choice((1, 0, -1))
    return refused(kind, text[: rng.choice((between, rng.randint(1, len(text) - 1)))])


# Splices: of two different decisions in one answer, neither is taken.


def _side_by_side(rng: Random, kind: str) -> Case:
    one, other = two_different(rng)
    first, second = answer(rng, one), answer(rng, other)
    text = first.text + rng.choice(_BETWEEN) + second.text.lstrip(_MARK)
    if second.forgets:
        return Case(kind, text.encode(), REFUSED, at_most(second.decision))
    return refused(kind, text)


def _in_one_value(rng: Random, kind: str) -> Case:
    one, other = (spelled(rng, plain) for plain in two_different(rng))
    value = rng.choice(_PAIRS)(rng, one, other)
    text = dumped(rng, value)
    return refused(kind, text if rng.random() < 0.7 else f"So:\n```json\n{text}\n```\n")


def _call(rng: Random, sent: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    return VALUES[rng.choice(("name and arguments", "OpenAI tool call", "Anthropic tool_use"))](
        rng, sent
    )


_Pair: TypeAlias = Callable[[Random, Mapping[str, Any], Mapping[str, Any]], Any]
_PAIRS: Final[tuple[_Pair, ...]] = (
    lambda _, a, b: [a, b],
    lambda rng, a, b: [_call(rng, a), _call(rng, b)],
    lambda rng, a, b: [_call(rng, a), b],
    lambda rng, a, b: [_call(rng, a), [b]],
    lambda rng, a, b: [_call(rng, a), VALUES["OpenAI message"](rng, b)],
    lambda rng, a, b: [VALUES["OpenAI message"](rng, a), VALUES["OpenAI message"](rng, b)],
    lambda rng, a, b: {"tool_calls": [_call(rng, a), _call(rng, b)]},
    lambda rng, a, b: {"content": [_call(rng, a), _call(rng, b)]},
    lambda rng, a, b: {"tool_calls": [_call(rng, a)], "function_call": _call(rng, b)},
    lambda rng, a, b: {"tool_calls": [_call(rng, a)], "content": [_call(rng, b)]},
    lambda rng, a, b: {"tool_calls": [_call(rng, a)], "input": b, "name": TOOL_NAME},
    lambda rng, a, b: {"tool_calls": [_call(rng, a)], "choices": [{"message": _call(rng, b)}]},
    lambda _, a, b: {"name": TOOL_NAME, "arguments": a, "input": b},
    lambda _, a, b: {"name": TOOL_NAME, "parameters": dict(b), "arguments": json.dumps(dict(a))},
    lambda _, a, b: {"name": TOOL_NAME, "input": a, "function": {"name": "f", "arguments": b}},
    lambda rng, a, b: {"first": _call(rng, a), "second": _call(rng, b)},
    lambda rng, a, b: {"a": 1, **_call(rng, a), "tool_calls": [_call(rng, b)]},
)  # fmt: skip


def _in_a_text(rng: Random, kind: str) -> Case:
    """A whole answer within a text of another decision is that text, and nothing else."""
    one, other = two_different(rng)
    one["message_to_user"] = answer(rng, other).text.strip("\ufeff \t\r\n")[:9_000].strip()
    return whole(kind, answer(rng, one))


def _beside_a_broken_one(rng: Random, kind: str) -> Case:
    one, other = two_different(rng)
    first, second = answer(rng, one), body(rng, other)
    place = rng.choice([found.start() for found in _SIGNS.finditer(second.json)])
    broken = second.json[:place] + second.json[place + 1 :]
    texts = [first.text, rng.choice((broken, f"```json\n{broken}\n```"))]
    if rng.random() < 0.5:
        texts.reverse()
    # What is left of the second may be a decision, or say by a tag that the first was thinking.
    return free(kind, rng.choice(_BETWEEN).join(texts).encode())


def _beside_a_malformed_one(rng: Random, kind: str) -> Case:
    """What is certain to be malformed, and names a decision, is a doubt about the one beside it."""
    first = body(rng, arguments(rng))
    malformed = rng.choice(MALFORMED)(rng)
    if rng.random() < 0.5:
        malformed = f"```json\n{malformed}\n```"
    texts = [first.text.lstrip(_MARK), malformed]
    rng.shuffle(texts)
    return refused(kind, f"So:\n{rng.choice(_BETWEEN).join(texts)}")


def _in_thinking(rng: Random, kind: str) -> Case:
    one, other = two_different(rng)
    thought, said = answer(rng, one).text, answer(rng, other)
    tag = rng.choice(("<think>\n", "<thinking>", "", "<reasoning>"))
    closing = tag.strip().replace("<", "</") or "</think>"
    text = f"{tag}{thought}\n{closing}\n{said.text.lstrip(_MARK)}"
    is_sure = "think" not in thought.lower() and tag
    promise = exactly(said.decision) if is_sure else at_most(said.decision)
    return Case(kind, text.encode(), REFUSED, promise)


def _repeated(rng: Random, kind: str) -> Case:
    plain = arguments(rng)
    answers = [answer(rng, plain) for _ in range(rng.choice((2, 2, 3, 30)))]
    text = rng.choice(_BETWEEN).join(one.text for one in answers)
    return Case(kind, text.encode(), REFUSED, at_most(answers[0].decision))


def _repeated_in_a_list(rng: Random, kind: str) -> Case:
    plain = arguments(rng)
    return refused(kind, dumped(rng, [plain] * rng.choice((2, 3, 100))))


def _nested(rng: Random, kind: str) -> Case:
    value = value_of(rng, spelled(rng, arguments(rng)))
    for _ in range(rng.randint(2, 28)):
        value = [value] if rng.random() < 0.5 else {rng.choice(("a", "answer", "0")): value}
    return refused(kind, dumped(rng, [{"a": value}]))


# Changes: no more is promised than of every answer.


def _spoil(rng: Random, kind: str, change: Callable[[Random, bytes, int, int], bytes]) -> Case:
    encoded = answer(rng).text.encode()
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        start = rng.randint(0, len(encoded))
        end = min(len(encoded), start + rng.choice((1, 1, 2, 8, 40)))
        encoded = encoded[:start] + change(rng, encoded, start, end) + encoded[end:]
    return free(kind, encoded)


def _changing(change: Callable[[Random, bytes], bytes]) -> Mutation:
    return lambda rng, kind: _spoil(rng, kind, lambda by, all_, a, b: change(by, all_[a:b]))


def _piece(rng: Random, span: bytes) -> bytes:
    return rng.choice(PIECES).encode() + span


def _flipped(rng: Random, span: bytes) -> bytes:
    return bytes(byte ^ (1 << rng.randrange(8)) if rng.random() < 0.3 else byte for byte in span)


def _odd_value(rng: Random, kind: str) -> Case:
    sent = spelled(rng, arguments(rng))
    for name in rng.sample(list(sent), k=rng.randint(1, len(sent))):
        sent[name] = rng.choice((_any_json(rng, 3), rng.choice(list(arguments(rng).values()))))
    return free(kind, dumped(rng, value_of(rng, sent)).encode())


def _any_json(rng: Random, deepest: int) -> Any:  # noqa: ANN401 - any JSON value
    scalars = (None, True, 0, -1, 2**63, 1.5, 1e300, "", "self", "agent:", "0x", rng.choice(PIECES))
    if deepest == 0 or rng.random() < 0.5:
        return rng.choice(scalars)
    inner = [_any_json(rng, deepest - 1) for _ in range(rng.randint(0, 3))]
    return inner if rng.random() < 0.5 else {f"a{number}": one for number, one in enumerate(inner)}


def _shuffled(rng: Random, kind: str) -> Case:
    lines = answer(rng).text.encode().splitlines(keepends=True)
    rng.shuffle(lines)
    return free(kind, b"".join(lines[: rng.randint(1, len(lines))]))


def _spliced_by_chance(rng: Random, kind: str) -> Case:
    texts = [answer(rng).text.encode() for _ in range(3)]
    places = sorted(rng.randrange(10_000) for _ in range(4))
    parts = [
        text[len(text) * a // 10_000 : len(text) * b // 10_000]
        for text, (a, b) in zip(texts, pairwise(places), strict=True)
    ]
    return free(kind, b"".join(parts))


def _cut_and_closed(rng: Random, kind: str) -> Case:
    text = answer(rng).json
    part = text[: rng.randrange(len(text))]
    closing = rng.choice(('"}', "}", '"}}', '"}]}', "]}", '"}}"}]}', "null}", "\n```", '"'))
    return free(kind, (part + closing).encode())


def _quotes_swapped(rng: Random, kind: str) -> Case:
    text = answer(rng).text
    swapped = text.translate({ord('"'): "'", ord("'"): '"'})
    return free(kind, rng.choice((text.replace('"', "'"), swapped)).encode())


def _case_changed(rng: Random, kind: str) -> Case:
    text = answer(rng).text
    return free(
        kind, rng.choice((text.upper(), text.lower(), text.title(), text.swapcase())).encode()
    )


def _signs(rng: Random, kind: str) -> Case:
    pieces = rng.choices((*PIECES, "a", "1", '"ticks": 3'), k=rng.choice((1, 4, 20, 200)))
    return free(kind, "".join(pieces).encode())


def _bytes(rng: Random, kind: str) -> Case:
    return free(kind, rng.randbytes(rng.choice((0, 1, 8, 100, 3_000))))


def _large(rng: Random, kind: str) -> Case:
    """As large as an answer gets: a few pieces again and again, with or without a decision."""
    unit = "".join(rng.choices((*PIECES, *THOUGHTS, "x" * 50), k=rng.choice((1, 1, 2, 5)))) or " "
    size = rng.choice((LARGEST_BYTES, 4_096, 4_096, 4_096)) // 2
    filler = (unit.encode() * (size // len(unit.encode()) + 1))[:size]
    inner = rng.choice((b"", answer(rng).text.encode()[: LARGEST_BYTES // 2]))
    return Case(kind, rng.choice((filler + inner, inner + filler)), ANYTHING, ANYTHING)


MUTATIONS: Final[Mapping[str, Mutation]] = {
    "whole": _whole,
    "naming its agent": _names_agent,
    "cut anywhere": _cut_anywhere,
    "cut at a sign": _cut_at_a_sign,
    "cut near the end": _cut_near_the_end,
    "cut within a character": _cut_within_a_character,
    "cut after the decision": _cut_after_the_decision,
    "cut second answer": _cut_second,
    "cut list of two": _cut_list,
    "two side by side": _side_by_side,
    "two in one value": _in_one_value,
    "one in a text of another": _in_a_text,
    "one beside a broken one": _beside_a_broken_one,
    "one beside a malformed one": _beside_a_malformed_one,
    "one in thinking": _in_thinking,
    "repeated": _repeated,
    "repeated in a list": _repeated_in_a_list,
    "nested": _nested,
    "bytes flipped": _changing(_flipped),
    "bytes deleted": _changing(lambda _, __: b""),
    "piece inserted": _changing(_piece),
    "piece put over": _changing(lambda rng, _: rng.choice(PIECES).encode()),
    "bytes doubled": _changing(lambda _, span: span * 2),
    "bytes reversed": _changing(lambda _, span: span[::-1]),
    "random bytes inserted": _changing(lambda rng, span: span + rng.randbytes(rng.randint(1, 4))),
    "odd value in a field": _odd_value,
    "lines shuffled": _shuffled,
    "three spliced by chance": _spliced_by_chance,
    "cut and closed by chance": _cut_and_closed,
    "quotes swapped": _quotes_swapped,
    "case changed": _case_changed,
    "signs": _signs,
    "random bytes": _bytes,
    "up to 64 KiB": _large,
}
