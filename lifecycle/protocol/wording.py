"""The words of every refusal: a code and its facts to one sentence and one hint.

The sentences themselves stand in `rule_words`, `compile_words`, `fault_words`, `model_words`,
`team_words` and `edge_words`. A code's meaning is not decided here.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from lifecycle.protocol.compile_words import COMPILE_WORDS
from lifecycle.protocol.edge_words import EDGE_WORDS
from lifecycle.protocol.fault_words import FAULT_WORDS
from lifecycle.protocol.model_words import MODEL_WORDS
from lifecycle.protocol.rule_words import RULE_WORDS
from lifecycle.protocol.shown import shown
from lifecycle.protocol.team_words import TEAM_WORDS

_TEMPLATES: Final[Mapping[str, tuple[str, str]]] = {
    **RULE_WORDS,
    **COMPILE_WORDS,
    **FAULT_WORDS,
    **EDGE_WORDS,
    **MODEL_WORDS,
    **TEAM_WORDS,
}
WORDED_CODES: Final = frozenset(key.partition(".")[0] for key in _TEMPLATES)

# The first of these facts that is there chooses the sentence `code.fact`.
_BY_FACT: Final[Mapping[str, tuple[str, ...]]] = {
    "truncated": ("declared",),
    "duplicate_key": ("path",),
    "out_of_range": ("characters", "digits", "minimum"),
    "invalid_utf8": ("problem",),
    "unknown_field": ("missing",),
    "ambiguous_decision": ("quoted",),
    "permission_denied": ("agents",),
    "not_found": ("decisions", "slash", "schema"),
    "not_an_object": ("batch", "message"),
    "world_broken": ("tables",),
    "invalid_parameter": ("ticked",),
}
_HOLE: Final = re.compile(r"\{(\w+)(:plain)?\}")
_OPTIONAL: Final = re.compile(r"\[\[(.*?)\]\]")
_NOT_GIVEN: Final = "(not given)"
_LONGEST_PLAIN: Final = 300
_MOST_LISTED: Final = 20
_NESTED: Final = "detail"


class Wording(NamedTuple):
    """What is wrong, in a sentence that names field and value; and what would be accepted."""

    message: str
    hint: str


def describe(code: str, field: str | None, facts: Mapping[str, object]) -> Wording:
    """Put a refusal into words.

    Facts are the sender's text and may be missing: they are quoted and shortened, and what is not
    there is said not to be.
    """
    nested = facts.get(_NESTED)
    known = {**facts, **nested} if isinstance(nested, Mapping) else dict(facts)
    known.setdefault("field", field if field is not None else "the request")
    message, hint = _TEMPLATES.get(_key(code, known), _TEMPLATES["unknown"])
    known.setdefault("code", code)
    return Wording(_filled(message, known), _filled(hint, known))


def hint_of(code: str) -> str:
    """Say of a code alone how it is avoided, with its facts as blanks."""
    _, hint = _TEMPLATES.get(code, _TEMPLATES["unknown"])
    return _HOLE.sub(lambda hole: f"<{hole[1]}>", _OPTIONAL.sub("", hint))


def _key(code: str, facts: Mapping[str, object]) -> str:
    if code == "invalid_wasm":
        key = f"{code}.{facts.get('reason')}"
        return key if key in _TEMPLATES else code
    if code == "limit_exceeded" and facts.get("limit") == "max_pending_compiles":
        return "limit_exceeded.pending"
    if code == "wrong_type" and "integer" in str(facts.get("expected")):
        return "wrong_type.integer"
    for fact in _BY_FACT.get(code, ()):
        if facts.get(fact):
            return f"{code}.{fact}"
    return code


def _filled(template: str, facts: Mapping[str, object]) -> str:
    def keep(clause: re.Match[str]) -> str:
        return clause[1] if all(facts.get(hole[1]) for hole in _HOLE.finditer(clause[1])) else ""

    def fill(hole: re.Match[str]) -> str:
        quoted = hole[2] is None and hole[1] != "field"
        return _written(facts.get(hole[1]), quoted=quoted)

    return _HOLE.sub(fill, _OPTIONAL.sub(keep, template))


def _written(value: object, *, quoted: bool) -> str:
    match value:
        case None:
            return _NOT_GIVEN
        case str():
            return (
                f"\N{LEFT DOUBLE QUOTATION MARK}{shown(value)}\N{RIGHT DOUBLE QUOTATION MARK}"
                if quoted
                else shown(value, _LONGEST_PLAIN)
            )
        case list() | tuple():
            listed = [_written(item, quoted=quoted) for item in value[:_MOST_LISTED]]
            more = len(value) - len(listed)
            return ", ".join(listed or ["none"]) + (f" and {more} more" if more else "")
        case Mapping():
            pairs = list(value.items())[:_MOST_LISTED]
            return "; ".join(
                f"{shown(str(key))}: {_written(item, quoted=False)}" for key, item in pairs
            )
        case _:
            return shown(str(value))
