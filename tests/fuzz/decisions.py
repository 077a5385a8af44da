"""Decisions by chance: their arguments in the normal spelling, and in others that mean the same.

How an answer wraps them is not said here.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random
from typing import Any, Final

from lifecycle.protocol.names import DECISION_ALIASES
from lifecycle.protocol.schema import MODELS, json_types
from tests.fuzz.cases import decision_of

LARGEST: Final = 2**53 - 1
_LETTERS: Final = "abcxyzABCXYZ0189"
_ID_LETTERS: Final = _LETTERS + "._-"
# What a file or a remark may hold, and what a careless reader takes for its own.
TEXTS: Final = (
    "int answer(void) { return 42; }\n",
    '#include "a.h"\nint f(void) { return A[0]; }\n',
    "{ [ } ]\n",
    '{"decision": "wait"}',
    '{"decision": "move_agent", "to": "elsewhere"}\n',
    "{'decision': 'wait', 'ticks': 7}",
    '```json\n{"decision": "wait", "ticks": 99}\n```\n',
    "~~~\n<think>\n```\n",
    "<think>{\n</think>",
    "</think>\n",
    "fn main() { println!(\"{}\", '\\u{1F980}'); }\n",
    '(module (func (export "f") (result i32) i32.const 7))\r\n',
    "\\", '\\"', '"', '\\\\"}', "\\u0041\\n", "\t\v\f\0\x1b[0m",
    "\u2028\u2029\u00a0\ufeff", "\U0001f980 \u00e9\u4e2d\u6587 \u202e",
    "a, b,]", "[1, 2,]\n{,}", "// no\n/* comment */\n# here\n", "NaN Infinity -0 0x10 1e999",
)  # fmt: skip
BLANKS: Final[tuple[Any, ...]] = (None, "", "  ", "\n", [], {})
_INTEGERS: Final = ("ticks", "source_file_count", "source_total_bytes")
_WITHOUT_CHANGE: Final = (" ", "\n", "\t ", "\r\n")


def arguments(rng: Random) -> dict[str, Any]:
    """Give one decision's arguments in the normal spelling, declared sizes true."""
    name = rng.choice([*MODELS, "compile_module_artifact_from_source"])
    fields = _MAKERS[name](rng)
    if rng.random() < 0.3:
        remark = (rng.choice(TEXTS) * rng.choice((1, 1, 1, 40))).strip()
        fields |= {"message_to_user": remark} if remark else {}
    return {"decision": name, **fields}


def two_different(rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the arguments of two decisions that do not mean the same."""
    one, other = arguments(rng), arguments(rng)
    if _are_alike(one, other):
        return one, {**_ANOTHER[one["decision"] == "wait_ticks"]}
    return one, other


def _are_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return decision_of(one) == decision_of(other)


_ANOTHER: Final[tuple[Mapping[str, Any], ...]] = (
    {"decision": "wait_ticks", "ticks": 5},
    {"decision": "move_agent", "to": "market"},
)


def an_id(rng: Random) -> str:
    """Give an id, sometimes of the greatest length."""
    if rng.random() < 0.6:
        return rng.choice(("clock", "scout", "harbour", "a", "m.1-b_2"))
    length = rng.choice((1, 5, 20, 127))
    return rng.choice(_LETTERS) + "".join(rng.choices(_ID_LETTERS, k=length))


def _owner(rng: Random) -> str:
    return rng.choice(("self", f"agent:{an_id(rng)}"))


def _ticks(rng: Random) -> int:
    return rng.choice((1, 2, 3, 10, 600, LARGEST, rng.randint(1, LARGEST)))


def _wait(rng: Random) -> dict[str, Any]:
    return {"ticks": _ticks(rng)} if rng.random() < 0.8 else {}


def _wait_ticks(rng: Random) -> dict[str, Any]:
    return {"ticks": _ticks(rng)}


def _move(rng: Random) -> dict[str, Any]:
    return {"to": an_id(rng)}


def _compile(rng: Random) -> dict[str, Any]:
    files = {
        rng.choice(("main.c", "src/lib.rs", "a b.h", "\u00fc.zig", "x", an_id(rng))): _source(rng)
        for _ in range(rng.choice((1, 1, 2, 3, 8)))
    }
    fields: dict[str, Any] = {
        "publisher": _owner(rng),
        "module_id": an_id(rng),
        "manifest_path": next(iter(files)),
        "source_files": files,
    }
    if rng.random() < 0.5:
        fields["source_file_count"] = len(files)
        fields["source_total_bytes"] = sum(len(text.encode()) for text in files.values())
    return fields


def _source(rng: Random) -> str:
    pieces = rng.choices(TEXTS, k=rng.choice((1, 1, 2, 6)))
    return "".join(pieces) * rng.choice((*[1] * 60, 30))


def _deploy(rng: Random) -> dict[str, Any]:
    content = b"\0asm\1\0\0\0" + rng.randbytes(rng.choice((0, 0, 8, 200)))
    fields = {
        "publisher": _owner(rng),
        "wasm_hash": sha256(content).hexdigest(),
        "wasm_bytes_hex": content.hex(),
    }
    return fields | ({"module_id": an_id(rng)} if rng.random() < 0.5 else {})


def _install(rng: Random) -> dict[str, Any]:
    fields = {
        "installer": _owner(rng),
        "module_id": an_id(rng),
        "wasm_hash": rng.randbytes(32).hex(),
        "module_version": rng.choice(("0.1.0", "0.2.0", "1", "1.0.0-rc.1+b5")),
        "activate": rng.random() < 0.5,
    }
    return {name: value for name, value in fields.items() if not _may_go(rng, name)}


def _may_go(rng: Random, name: str) -> bool:
    return name in {"installer", "module_version", "activate"} and rng.random() < 0.3


_MAKERS: Final[Mapping[str, Callable[[Random], dict[str, Any]]]] = {
    "wait": _wait,
    "wait_ticks": _wait_ticks,
    "move_agent": _move,
    "compile_module_artifact_from_source": _compile,
    "deploy_module_artifact": _deploy,
    "install_module_from_artifact": _install,
}


def spelled(rng: Random, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Give other arguments that mean the same decision, in the ways that models have."""
    sent = dict(plain)
    wanted = rng.choice((0, 0, 0.2, 0.4, 1))
    for change in _SPELLINGS:
        if rng.random() < wanted:
            change(rng, sent)
    if rng.random() < 0.3:
        return dict(rng.sample(list(sent.items()), k=len(sent)))
    return sent


def _alias(rng: Random, sent: dict[str, Any]) -> None:
    name = sent["decision"]
    sent["decision"] = rng.choice([alias for alias, of in DECISION_ALIASES.items() if of == name])


def _padding(rng: Random, sent: dict[str, Any]) -> None:
    for name, value in sent.items():
        is_text = isinstance(value, str) and name not in _INTEGERS
        if is_text and rng.random() < 0.5:
            sent[name] = rng.choice(_WITHOUT_CHANGE) + value + rng.choice(_WITHOUT_CHANGE)


def _integers_as_text(rng: Random, sent: dict[str, Any]) -> None:
    for name, value in sent.items():
        if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.8:
            sent[name] = str(value)


def _hashes(rng: Random, sent: dict[str, Any]) -> None:
    if "wasm_hash" in sent:
        prefix = rng.choice(("", "0x", "0X", "sha256:", "SHA256:"))
        sent["wasm_hash"] = prefix + _cased(rng, sent["wasm_hash"])
    if "wasm_bytes_hex" in sent:
        sent["wasm_bytes_hex"] = rng.choice(("", "0x", "0X")) + _cased(rng, sent["wasm_bytes_hex"])


def _cased(rng: Random, text: str) -> str:
    return rng.choice((text, text.upper(), text.title()))


def _owners(rng: Random, sent: dict[str, Any]) -> None:
    for name in ("publisher", "installer"):
        if sent.get(name) == "self":
            sent[name] = rng.choice(("self", "Self", "SELF", None, ""))


def _every_field(rng: Random, sent: dict[str, Any]) -> None:
    """Fill the fields that the decision does not have, as strict modes make models do."""
    for name in sorted({field for model in MODELS for field in json_types(model)}):
        if name not in sent and rng.random() < 0.9:
            own = json_types(DECISION_ALIASES[sent["decision"]])
            sent[name] = rng.choice(BLANKS[:4] if name in own else BLANKS)


def _listed_files(_: Random, sent: dict[str, Any]) -> None:
    files = sent.get("source_files")
    if isinstance(files, dict):
        sent["source_files"] = [{"path": path, "content": text} for path, text in files.items()]


# White space goes around what the others made.
_SPELLINGS: Final = (
    _alias, _integers_as_text, _hashes, _owners, _every_field, _listed_files, _padding,
)  # fmt: skip


def dumped(rng: Random, value: object) -> str:
    """Write JSON in one of the ways that models write it."""
    indent = rng.choice((None, None, 2, "\t"))
    separators = rng.choice((None, (",", ":"))) if indent is None else None
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=indent, separators=separators)
    return text.replace("\n", "\r\n") if rng.random() < 0.15 else text
