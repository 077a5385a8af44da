"""Replies that are no completion, or come late, in part or not at all: faults of the transport.

Those that take an answer change how it comes, and can be put into each other.
"""

import gzip
import json
from dataclasses import replace
from typing import Final

from tests.scripted_model.answers import JSON_TYPE, Answer, Delivery, Drop, Endless, text
from tests.scripted_model.refusal import Refusal

_PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
_LIKE_A_COMPLETION: Final = (
    b'{"id": "chatcmpl-0", "object": "chat.completion", "created": 0, "model": "scripted-model", '
    b'"choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, '
    b'"message": {"role": "assistant", "refusal": null, "content": "%s"}}]}'
)


# Bodies ----------------------------------------------------------------------------------


def raw(body: bytes | str, content_type: str = JSON_TYPE, status: int = 200) -> Answer:
    """Reply with any body; a text is sent as UTF-8."""
    sent = body.encode() if isinstance(body, str) else body
    return Answer(payload=sent, content_type=content_type, status=status)


def invalid_json() -> Answer:
    """Reply with a body that says it is JSON and ends in its middle."""
    return raw((_LIKE_A_COMPLETION % b"hello")[:-20])


def invalid_utf8() -> Answer:
    """Reply with a completion whose text is not UTF-8 (L19)."""
    return raw(_LIKE_A_COMPLETION % b"half \xc3( of a letter")


def other_json(value: object) -> Answer:
    """Reply with JSON that is no completion: a list, a number, an object of other fields."""
    return raw(json.dumps(value).encode())


def error_in_ok(message: str = "Provider returned error") -> Answer:
    """Reply with an error document under the status 200, as some gateways do."""
    return replace(refused_with(Refusal(message=message, code="502")), status=200)


def empty_body() -> Answer:
    """Reply with the status 200 and nothing."""
    return raw(b"")


def html(status: int = 200) -> Answer:
    """Reply with a page, as a proxy or a portal does."""
    return raw(_PAGE, "text/html; charset=utf-8", status)


def wrong_type(answer: Answer, content_type: str = "text/plain") -> Answer:
    """Send an answer under another content type."""
    return replace(answer, content_type=content_type)


def huge(size_bytes: int) -> Answer:
    """Reply with a completion whose text alone is so large."""
    return text("x" * size_bytes)


def compressed(size_bytes: int) -> Answer:
    """Reply with a completion so large once it is unpacked, and a thousandth of it on the wire."""
    body = gzip.compress(_LIKE_A_COMPLETION % (b"x" * size_bytes), compresslevel=1, mtime=0)
    return replace(raw(body), headers=(("Content-Encoding", "gzip"),))


def endless() -> Answer:
    """Reply with a text that goes on until the client hangs up."""
    return Answer(payload=Endless(filler=b"x" * 65_536))


# Time ------------------------------------------------------------------------------------


def stalled(answer: Answer, seconds: float) -> Answer:
    """Let time pass before the status line."""
    return replace(answer, delivery=replace(answer.delivery, stall_s=seconds))


def stalled_in_body(answer: Answer, seconds: float, after_bytes: int = 20) -> Answer:
    """Let time pass once some of the body is sent."""
    return replace(
        answer, delivery=replace(answer.delivery, pause_s=seconds, pause_after_bytes=after_bytes)
    )


def trickled(answer: Answer, piece_bytes: int = 1, pause_s: float = 0.01) -> Answer:
    """Send the body in small pieces, with a pause between them."""
    return replace(
        answer, delivery=replace(answer.delivery, piece_bytes=piece_bytes, piece_pause_s=pause_s)
    )


# Statuses --------------------------------------------------------------------------------


def refused_with(refusal: Refusal, retry_after: str | None = None) -> Answer:
    """Refuse in OpenAI's shape, and perhaps say when to come again."""
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    return replace(other_json(refusal.document()), status=refusal.status, headers=headers)


def rate_limited(retry_after: str | None = "1") -> Answer:
    """Refuse with 429, and say when to come again: seconds, or a date."""
    refusal = Refusal(
        message="Rate limit reached for requests.",
        kind="requests",
        code="rate_limit_exceeded",
        status=429,
    )
    return refused_with(refusal, retry_after)


def quota_spent() -> Answer:
    """Refuse with the 429 that no waiting mends."""
    told = "You exceeded your current quota, please check your plan and billing details."
    code = "insufficient_quota"
    return refused_with(Refusal(message=told, kind=code, code=code, status=429))


def server_error(status: int = 500) -> Answer:
    """Fail with a 5xx in OpenAI's shape."""
    told = "The server had an error while processing your request. Sorry about that!"
    return refused_with(Refusal(message=told, kind="server_error", status=status))


def unavailable(retry_after: str | None = None) -> Answer:
    """Fail with 503."""
    told = "The engine is currently overloaded, please try again later."
    return refused_with(Refusal(message=told, kind="server_error", status=503), retry_after)


def unauthorized(key_shown: str = "sk-wrong") -> Answer:
    """Refuse with 401; OpenAI repeats part of the key in its message."""
    told = f"Incorrect API key provided: {key_shown}."
    return refused_with(Refusal(message=told, code="invalid_api_key", status=401))


def unknown_model(model: str = "scripted-model") -> Answer:
    """Refuse with 404: no such model."""
    told = f"The model '{model}' does not exist or you do not have access to it."
    return refused_with(Refusal(message=told, code="model_not_found", status=404))


def bad_request(
    message: str = "Bad request.", param: str | None = None, code: str | None = None
) -> Answer:
    """Refuse with 400."""
    return refused_with(Refusal(message=message, param=param, code=code))


def context_too_long(most: int = 8192, sent: int = 9000) -> Answer:
    """Refuse with 400: the prompt is longer than the model reads."""
    told = (
        f"This model's maximum context length is {most} tokens. However, your messages resulted "
        f"in {sent} tokens. Please reduce the length of the messages."
    )
    return bad_request(told, "messages", "context_length_exceeded")


def redirected(location: str, status: int = 307) -> Answer:
    """Send the client elsewhere; 307 and 308 ask it to send the request, key and all, there."""
    return Answer(payload=b"", status=status, headers=(("Location", location),))


# Connections -----------------------------------------------------------------------------


def dropped(*, reset: bool = False) -> Answer:
    """End the connection before the status line."""
    return replace(text(""), delivery=Delivery(drop=Drop(after_bytes=None, reset=reset)))


def dropped_in_body(answer: Answer, after_bytes: int = 20, *, reset: bool = False) -> Answer:
    """End the connection once some of the body is sent."""
    return replace(
        answer, delivery=replace(answer.delivery, drop=Drop(after_bytes=after_bytes, reset=reset))
    )
