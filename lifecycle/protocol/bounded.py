"""The schema of a bare answer for servers that hold a model to it by a grammar, as llama.cpp does.

Under a grammar a model cannot leave the schema, and a small one cannot leave a text or a list that
has no end either. So every decision is an alternative with its own fields, and everything that
could go on has a bound. What OpenAI's strict mode wants instead is in `tools`.
"""

from typing import Any, Final

from lifecycle.protocol.fields import LONGEST_PATH
from lifecycle.protocol.schema import MODELS, JsonSchema, published_schema

# Absent they mean the one thing that is accepted, and what declares the length of an answer that
# might be cut off is of no use where one that is cut off cannot be read.
_LEFT_OUT: Final = frozenset({"publisher", "installer", "source_file_count", "source_total_bytes"})
# One spelling of those that are accepted; grammars know no \s.
_PLAIN: Final = {"wasm_hash": "^[0-9a-f]{64}$", "wasm_bytes_hex": "^([0-9a-f]{2}){1,%d}$"}
_KEPT: Final = ("type", "const", "pattern", "minimum", "maximum")
_LONGEST_REMARK: Final = 200
_MOST_FILES: Final = 128
# Below so many tokens an answer has room for one file, and for little besides.
_SHORT_ANSWER_TOKENS: Final = 2048
# A token of source text has three or four characters. One of digits has one, and small models
# like to write them without end.
_CHARACTERS_PER_TOKEN: Final = 4


def bounded_answer_schema(answer_tokens: int) -> JsonSchema:
    """Give the schema of a decision, by which an answer comes to its end within its tokens.

    Args:
        answer_tokens: Tokens that the answer may have.
    """
    bounds = _bounds(answer_tokens)
    return {"anyOf": [_alternative(published_schema(model), bounds) for model in MODELS.values()]}


def _bounds(answer_tokens: int) -> tuple[int, int]:
    """Give how many files an answer may hold, and how many characters a text."""
    if answer_tokens < _SHORT_ANSWER_TOKENS:
        return 1, max(1, answer_tokens // 2)
    return _MOST_FILES, answer_tokens * _CHARACTERS_PER_TOKEN


def _alternative(published: JsonSchema, bounds: tuple[int, int]) -> JsonSchema:
    names = [name for name in published["properties"] if name not in _LEFT_OUT]
    required = [name for name in names if name in published["required"]]
    # In this order they are written; what may be left out comes last.
    ordered = [*required, *(name for name in names if name not in required)]
    return {
        "type": "object",
        "properties": {
            name: _bounded(name, published["properties"][name], bounds) for name in ordered
        },
        "required": required,
        "additionalProperties": False,
    }


def _bounded(name: str, field: JsonSchema, bounds: tuple[int, int]) -> JsonSchema:
    files, characters = bounds
    kept: dict[str, Any] = {key: field[key] for key in _KEPT if key in field}
    if isinstance(kept["type"], list):
        kept["type"] = kept["type"][0]
    if kept["type"] == "object":
        return _files(files, characters)
    if name in _PLAIN:
        pattern = _PLAIN[name]
        kept["pattern"] = pattern % max(1, characters // 2) if "%" in pattern else pattern
    elif kept["type"] == "string" and not {"pattern", "const"} & set(kept):
        longest = min(field["maxLength"], characters, _LONGEST_REMARK)
        kept |= {"minLength": 1, "maxLength": longest}
    return kept


def _files(most: int, characters: int) -> JsonSchema:
    """Bound the source files, as a list: an object with free names is a list without bounds."""
    path = {"type": "string", "minLength": 1, "maxLength": min(LONGEST_PATH, characters)}
    content = {"type": "string", "minLength": 1, "maxLength": characters}
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": most,
        "items": {
            "type": "object",
            "properties": {"path": path, "content": content},
            "required": ["path", "content"],
            "additionalProperties": False,
        },
    }
