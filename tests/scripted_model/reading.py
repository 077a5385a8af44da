"""How a request that has OpenAI's shape is read: its objects, its lists, strict JSON.

The shape was checked before: what is read here is what the types promise. No rule stands here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

import orjson

Json: TypeAlias = Mapping[str, object]

# What OpenAI allows as the name of a function or of a response format.
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def an_object(parent: Json, key: str) -> Json:
    """Give a field that is an object; an empty one where it is absent or null."""
    return cast("Json", parent.get(key) or {})


def objects(parent: Json, key: str) -> list[Json]:
    """Give a field that is a list of objects; an empty one where it is absent or null."""
    return cast("list[Json]", parent.get(key) or [])


def text(parent: Json, key: str) -> str:
    """Give a field that is a text; an empty one where it is absent or null."""
    return cast("str", parent.get(key) or "")


def strict_json(source: bytes | str) -> object:
    """Read JSON as the standard has it: no NaN, no lone surrogate, UTF-8 only.

    Raises:
        ValueError: It is not that.
    """
    return orjson.loads(source)


def texts_of(message: Json) -> Iterator[str]:
    """Give the texts of a message's content, whichever of its two forms it has."""
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (text(part, "text") for part in cast("list[Json]", content))
