"""Judges a request for a completion as OpenAI's server would: the first thing that is wrong.

Only the order of the checks; each kind of them has a file of its own.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from tests.scripted_model.message_rules import message_faults
from tests.scripted_model.reading import Json, strict_json
from tests.scripted_model.refusal import Refusal
from tests.scripted_model.request_schema import refuse_shape
from tests.scripted_model.setting_rules import setting_faults
from tests.scripted_model.tool_rules import format_faults, tool_faults

_NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
    "valid JSON.)"
)
_STREAM = "Unsupported value: 'stream' does not support true with this server."


def read_document(body: bytes) -> Mapping[str, object]:
    """Give the JSON object of a body; an empty one where it holds none."""
    try:
        read = strict_json(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def refuse_completion(body: bytes, content_type: str | None) -> Refusal | None:
    """Judge a request's body.

    Args:
        body: As it arrived.
        content_type: What its header says.

    Returns:
        The first fault, or None where OpenAI would answer.
    """
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        return Refusal(message=f"Unsupported content type: '{content_type}'.")
    try:
        document = strict_json(body)
    except ValueError:
        return Refusal(message=_NOT_JSON)
    if not isinstance(document, dict):
        return Refusal(message=_NOT_JSON)
    if document.get("stream") is True:
        return Refusal(message=_STREAM, param="stream", code="unsupported_value")
    return refuse_shape(body, document) or next(_rule_faults(cast("Json", document)), None)


def _rule_faults(document: Json) -> Iterator[Refusal]:
    yield from message_faults(document)
    yield from tool_faults(document)
    yield from format_faults(document)
    yield from setting_faults(document)
