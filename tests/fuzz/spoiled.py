"""Whole answers that must be refused: what looks like a decision and is none, or is not one.

What chance does to a good answer is in `mutations`.
"""

import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from lifecycle.protocol.names import TOOL_NAME
from lifecycle.protocol.schema import json_types
from tests.fuzz.cases import Case, refused
from tests.fuzz.decisions import arguments, dumped, two_different
from tests.fuzz.shapes import AROUND, body_text, value_of

NUMBERS: Final = (
    "0x10", "1e3", "1E3", "1.0", "3.5", "1,000", "1_000", "10abc", "1 0", "010", "+5", ".5", "5.",
    "NaN", "Infinity", "-Infinity", "-1", "0", "-0", "9007199254740992", "9007199254740993",
    "1234567890123456789", "-9223372036854775808", "1e999", "-1e-999", "9" * 400, "9" * 5000,
    "0." + "1" * 400, "true", "null", "[]", "[3]", "{}", "3n", "0b11", "\uff13", "\u0663",
)  # fmt: skip
TEXT_NUMBERS: Final = (
    "0x10", "1e3", "1.0", "1,000", "10abc", "1 0", "010", "+5", "-5", "0", "NaN", "three", "", " 3",
    "9007199254740993", "1234567890123456789", "9" * 5000, "\uff13", "\u0663", "3\u200b", "\u00b2",
)  # fmt: skip
_BAD_BYTES: Final = (
    b"\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\x80",
    b"\xf5\x80\x80\x80",
    b"\xe2\x28",
)
_TOOLS: Final = (
    "agent_submit", "submit_decision", "agent_submit_decision2", "my_agent_submit_decision", "wait",
    "AGENT_SUBMIT_DECISION", "agent submit decision", "module_lifecycle_status", "", "x" * 300,
    "agent_submit_decisi\u043en", "functions.functions.agent_submit_decision", "bash", "../x",
)  # fmt: skip
_ODD_KEYS: Final = (
    "answer", "arguments", "input", "payload", "tool_call", "action", "result", "data", "json",
    "parameters", "0", "", "decision", "Decision", "__proto__", "args", "kwargs", "properties",
)  # fmt: skip
_LOOK_ALIKES: Final = {
    "a": "\u0430", "e": "\u0435", "o": "\u043e", "i": "\u0456", "c": "\u0441", "_": "\uff3f",
    "d": "\u0501",
}  # fmt: skip
_NO_DECISIONS: Final = (
    "", " \n", "{", "[", "}", '"', "null", "{}", "[]", "[[]]", "<think>", "</think>",
    "I will wait.", "```json\n```", "decision: wait\nticks: 3", "<decision>wait</decision>",
    "wait(ticks=3)",
    f"print({TOOL_NAME}(decision='wait'))", '{"error": {"code": 429}}', "<html>{}</html>",
    f"<function={TOOL_NAME}><parameter=decision>wait</parameter></function>",
)  # fmt: skip


def around(rng: Random, text: str) -> str:
    """Put a text where an answer's JSON stands, or leave it alone."""
    if rng.random() < 0.5:
        return text
    before, after = rng.choice(tuple(AROUND.values()))(rng)
    return before + text + after


def _number(rng: Random) -> str:
    token = rng.choice(NUMBERS)
    return json.dumps({"decision": "wait_ticks", "ticks": "@"}).replace('"@"', token)


def _number_as_text(rng: Random) -> str:
    return dumped(rng, {"decision": "wait_ticks", "ticks": rng.choice(TEXT_NUMBERS)})


def _number_deep(rng: Random) -> str:
    """A number that no reader may round, where no number belongs."""
    token = rng.choice(("NaN", "-Infinity", "1234567890123456789", "1e999", "0x1", "01"))
    plain = arguments(rng)
    name = rng.choice(list(plain))
    return json.dumps({**plain, name: "@"}).replace('"@"', token)


def _surrogate(rng: Random) -> str:
    plain = arguments(rng)
    name = rng.choice([name for name in plain if isinstance(plain[name], str)])
    escape = rng.choice(("\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\ud83d"))
    return json.dumps({**plain, name: "@"}).replace('"@"', f'"a{escape}b"')


def _surrogate_in_name(rng: Random) -> str:
    return json.dumps(arguments(rng))[:-1] + ', "a\\ud800": null}'


def _bad_bytes(rng: Random) -> bytes:
    encoded = around(rng, body_text(rng, arguments(rng))).encode()
    # Not within a character: what was begun may make a whole one of what comes in.
    places = [place for place in range(len(encoded) + 1) if encoded[place : place + 1] < b"\x80"]
    place = rng.choice(places)
    return encoded[:place] + rng.choice(_BAD_BYTES) + encoded[place:]


def _other_encoding(rng: Random) -> bytes:
    return body_text(rng, arguments(rng)).encode(rng.choice(("utf-16", "utf-32", "utf-16-be")))


def _several(rng: Random) -> str:
    many = [value_of(rng, arguments(rng)) for _ in range(rng.choice((2, 2, 3, 20)))]
    calls = [one for one in many if isinstance(one, dict) and "decision" not in one]
    shape = rng.choice(("list", "tool_calls", "content"))
    if shape == "list" or len(calls) < len(many):
        return dumped(rng, [arguments(rng), *calls, arguments(rng)])
    return dumped(rng, {shape: many})


def _odd_key(rng: Random) -> str:
    return dumped(rng, {rng.choice(_ODD_KEYS): value_of(rng, arguments(rng))})


def _unknown_field(rng: Random) -> str:
    name = rng.choice(("reason", "Ticks", "wasmHash", "", "tick", "decision ", "\u0000", "x" * 300))
    return dumped(rng, {**arguments(rng), name: rng.choice((1, "x", True, {"a": 1}))})


def _field_of_another(rng: Random) -> str:
    plain, other = two_different(rng)
    own = json_types(plain["decision"])
    surplus = {name: value for name, value in other.items() if name not in own}
    return dumped(rng, {**plain, **(surplus or {"surplus": 1}), "decision": plain["decision"]})


def _missing_field(rng: Random) -> str:
    plain = arguments(rng)
    required = [name for name in plain if name in _REQUIRED]
    blank = rng.choice((None, "", " \n"))
    spoiled = {**plain, rng.choice(required): blank}
    if rng.random() < 0.5:
        spoiled = {name: value for name, value in spoiled.items() if value is not blank}
    return dumped(rng, spoiled)


_REQUIRED: Final = frozenset(
    {"decision", "to", "manifest_path", "source_files", "wasm_hash", "wasm_bytes_hex"}
)


def _not_an_object(rng: Random) -> str:
    values: tuple[Any, ...] = (None, True, 3, 1.5, "wait", "", [], [1], {}, [[arguments(rng)]])
    value = rng.choice(values)
    call = {"name": TOOL_NAME, "arguments": value}
    return dumped(rng, rng.choice((value, call, [value], {"tool_calls": value}, {"input": call})))


def _unknown_tool(rng: Random) -> str:
    return dumped(rng, {"name": rng.choice(_TOOLS), "arguments": arguments(rng)})


def _unknown_decision(rng: Random) -> str:
    names = ("fly", "wait ticks", "WAIT_TICK", "w\u0430it", "install", "waiT", "wait\u200b", "self")
    return dumped(rng, {**arguments(rng), "decision": rng.choice(names)})


def _single_quotes(rng: Random) -> str:
    return repr(arguments(rng)).replace('"', "'")


def _unquoted_names(rng: Random) -> str:
    return re.sub(r'"(\w+)": ', r"\1: ", json.dumps(arguments(rng)))


def _smart_quotes(rng: Random) -> str:
    pairs = rng.choice(("\u201c\u201d", "\u2018\u2019", "\u00ab\u00bb", "``", "\uff02\uff02"))
    return re.sub(r'"(\w*)"', rf"{pairs[0]}\1{pairs[1]}", json.dumps(arguments(rng)))


def _comment(rng: Random) -> str:
    comment = rng.choice((" // why\n", " /* why */ ", " # why\n", " -- why\n", " <!-- why --> "))
    return json.dumps(arguments(rng), indent=1).replace("\n", comment, 1)


def _elision(rng: Random) -> str:
    text = json.dumps(arguments(rng))
    return text[:-1] + rng.choice((", ...}", "...}", ", \u2026}", ", ,}", ",,}", ", null}", ";}"))


def _missing_comma(rng: Random) -> str:
    return json.dumps(arguments(rng) | {"message_to_user": "x"}).replace(', "mess', ' "mess')


def _line_break_in_text(rng: Random) -> str:
    raw = rng.choice(("\n", "\r\n", "\t", "\0", "\x1f"))
    return json.dumps({**arguments(rng), "message_to_user": "a@b"}).replace("a@b", f"a{raw}b")


def _bad_escape(rng: Random) -> str:
    escape = rng.choice(("\\x41", "\\'", "\\u12", "\\u{41}", "\\U00000041", "\\a", "\\0"))
    return json.dumps({**arguments(rng), "message_to_user": "a@b"}).replace("a@b", f"a{escape}b")


def _look_alike(rng: Random) -> str:
    plain = arguments(rng)
    letter = rng.choice([letter for letter in plain["decision"] if letter in _LOOK_ALIKES])
    name = plain["decision"].replace(letter, _LOOK_ALIKES[letter], 1)
    if rng.random() < 0.5:
        return dumped(rng, {**plain, "decision": name})
    return dumped(rng, {"d\u0435cision": plain.pop("decision"), **plain})


def _full_width(rng: Random) -> str:
    text = json.dumps(arguments(rng))
    for ascii_form in rng.choice(("{}", ":", '"', '{}:,"')):
        text = text.replace(ascii_form, chr(ord(ascii_form) + 0xFEE0))
    return text


def _too_deep(rng: Random) -> str:
    depth = rng.choice((33, 60, 500, 8_000))
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    inner = json.dumps(arguments(rng))
    if rng.random() < 0.5:
        return opening * depth + inner + closing * depth
    return inner[:-1] + f', "message_to_user": {opening * depth}1{closing * depth}}}'


def _duplicate(rng: Random) -> str:
    pairs = list(arguments(rng).items())
    other = rng.choice(list(arguments(rng).items()))
    name, value = rng.choice(pairs)
    # Twice the same, or two values of which each reader takes another.
    pairs.insert(rng.randint(0, len(pairs)), (name, rng.choice((value, other[1], None))))
    members = [f"{_written(rng, name)}: {json.dumps(value)}" for name, value in pairs]
    text = "{" + ", ".join(members) + "}"
    return text if rng.random() < 0.5 else f'{{"name": "{TOOL_NAME}", "arguments": {text}}}'


def _written(rng: Random, name: str) -> str:
    if rng.random() < 0.7:
        return json.dumps(name)
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in name) + '"'


def _duplicate_in_envelope(rng: Random) -> str:
    one, other = (json.dumps(arguments(rng)) for _ in range(2))
    return f'{{"name": "{TOOL_NAME}", "input": {one}, "input": {other}}}'


def _thinking_only(rng: Random) -> str:
    opening, closing = rng.choice((("<think>", "</think>"), ("<think>", ""), ("<thinking>\n", "")))
    return f"{opening}{body_text(rng, arguments(rng))}{closing}"


def _cut_and_closed(rng: Random) -> str:
    """A package of declared size whose last text was cut off, and the JSON closed again."""
    files = {"main.c": "int f(void) { return 1; }\n", "b.c": "int g;\n" * rng.randint(1, 9)}
    sizes = {"source_total_bytes": sum(map(len, files.values())), "source_file_count": 2}
    files["b.c"] = files["b.c"][: rng.randrange(len(files["b.c"]))]
    if rng.random() < 0.3:
        del files["b.c"]
    head = {"decision": "compile_module_artifact_from_source", "module_id": "clock", **sizes}
    return dumped(rng, {**head, "manifest_path": "main.c", "source_files": files})


def _other_texts(rng: Random) -> str:
    return rng.choice(_NO_DECISIONS)


# Certain to be no JSON, and to say that they hold a decision.
MALFORMED: Final = (_single_quotes, _unquoted_names, _elision, _missing_comma)
SPOILED: Final[Mapping[str, Callable[[Random], str | bytes]]] = {
    "number in another form": _number,
    "number as odd text": _number_as_text,
    "number out of place": _number_deep,
    "lone surrogate": _surrogate,
    "lone surrogate in a name": _surrogate_in_name,
    "invalid UTF-8": _bad_bytes,
    "another encoding": _other_encoding,
    "several calls": _several,
    "wrapped in an odd key": _odd_key,
    "unknown field": _unknown_field,
    "field of another decision": _field_of_another,
    "missing or blank field": _missing_field,
    "not an object": _not_an_object,
    "unknown tool": _unknown_tool,
    "unknown decision": _unknown_decision,
    "single quotes": _single_quotes,
    "names without quotes": _unquoted_names,
    "smart quotes": _smart_quotes,
    "comment": _comment,
    "elision": _elision,
    "missing comma": _missing_comma,
    "control character in a text": _line_break_in_text,
    "escape of another language": _bad_escape,
    "look-alike letters": _look_alike,
    "full-width signs": _full_width,
    "too deep": _too_deep,
    "duplicate key": _duplicate,
    "duplicate key around": _duplicate_in_envelope,
    "thinking without an answer": _thinking_only,
    "cut and closed again": _cut_and_closed,
    "no decision at all": _other_texts,
}


def spoiled(rng: Random, kind: str) -> Case:
    """Give one answer that must be refused."""
    text = SPOILED[kind](rng)
    return refused(kind, around(rng, text) if isinstance(text, str) else text)
