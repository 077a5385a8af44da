"""The rules on the settings of one completion: ranges, and settings that exclude each other.

Source: the descriptions of the fields in OpenAI's own types.
"""

from collections.abc import Iterator
from typing import Final, cast

from tests.scripted_model.reading import Json, an_object
from tests.scripted_model.refusal import Refusal

RANGES: Final = (
    ("temperature", 0, 2),
    ("top_p", 0, 1),
    ("frequency_penalty", -2, 2),
    ("presence_penalty", -2, 2),
    ("n", 1, 128),
    ("top_logprobs", 0, 20),
    ("max_tokens", 1, None),
    ("max_completion_tokens", 1, None),
)
MOST_STOPS = 4
MOST_METADATA = 16
LONGEST_METADATA_KEY = 64
LONGEST_METADATA_VALUE = 512

_BOTH_LIMITS = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."


def setting_faults(document: Json) -> Iterator[Refusal]:
    """Give what is wrong with a request's settings."""
    for name, least, most in RANGES:
        value = cast("float | None", document.get(name))
        if value is not None and (value < least or (most is not None and value > most)):
            told = f"Invalid '{name}': {value} is not in the range {least} to {most or 'any'}."
            yield Refusal(message=told, param=name, code="invalid_value")
    if {"max_tokens", "max_completion_tokens"} <= {k for k, v in document.items() if v is not None}:
        yield Refusal(
            message=_BOTH_LIMITS, param="max_tokens", code="invalid_parameter_combination"
        )
    if document.get("top_logprobs") is not None and not document.get("logprobs"):
        yield _only_with("top_logprobs", "logprobs")
    if document.get("stream_options") is not None:
        yield _only_with("stream_options", "stream")
    yield from _list_faults(document)


def _list_faults(document: Json) -> Iterator[Refusal]:
    stops = document.get("stop")
    if isinstance(stops, list) and len(stops) > MOST_STOPS:
        told = f"Invalid 'stop': array too long. Expected at most {MOST_STOPS}."
        yield Refusal(message=told, param="stop", code="array_above_max_length")
    metadata = cast("dict[str, str]", an_object(document, "metadata"))
    too_long = any(
        len(key) > LONGEST_METADATA_KEY or len(value) > LONGEST_METADATA_VALUE
        for key, value in metadata.items()
    )
    if len(metadata) > MOST_METADATA or too_long:
        yield Refusal(message="Invalid 'metadata': too large.", param="metadata")


def _only_with(name: str, other: str) -> Refusal:
    told = f"The '{name}' parameter is only allowed when '{other}' is enabled."
    return Refusal(message=told, param=name, code="invalid_value")
