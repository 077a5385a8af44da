"""From an answer to what goes over the wire: the completion's document, the steps of its sending.

Pure: the server beside this file owns the socket.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Final, TypeAlias

from tests.scripted_model.answers import Answer, Completion, Delivery, Endless, ToolCall
from tests.scripted_model.received import Received

DEFAULT_MODEL: Final = "scripted-model"
# Completions are the same on every run; the moment is that of no test.
CREATED: Final = 1_760_000_000
CHARACTERS_PER_TOKEN: Final = 4

# One step of sending: bytes to send, or seconds to wait.
Step: TypeAlias = bytes | float


def body_of(answer: Answer, request: Received) -> bytes:
    """Give an answer's body; what stands in it may depend on the request it answers."""
    match answer.payload:
        case Completion() as completion:
            return json.dumps(completion_document(completion, request)).encode()
        case Endless(filler=filler):
            return filler
        case bytes() as body:
            return body


def completion_document(completion: Completion, request: Received) -> dict[str, object]:
    """Write a completion as OpenAI does; the id and the calls' ids carry the request's number."""
    message = _message(completion, request.number)
    choices = [
        {
            "index": index,
            "message": message,
            "logprobs": None,
            "finish_reason": completion.finish_reason,
        }
        for index in range(completion.choices)
    ]
    return {
        "id": f"chatcmpl-scripted-{request.number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": request.model or DEFAULT_MODEL,
        "choices": choices,
        "usage": _usage(completion, request),
        "system_fingerprint": None,
    }


def model_document(model: str) -> dict[str, object]:
    """Write a model as OpenAI's list of models does."""
    return {"id": model, "object": "model", "created": CREATED, "owned_by": "worldsim"}


def steps_of(answer: Answer, body: bytes) -> Iterator[Step]:
    """Give the steps in which a body is sent, the stall before the status line left out."""
    delivery = answer.delivery
    if isinstance(answer.payload, Endless):
        yield from itertools.repeat(body)
    sent = body if delivery.drop is None else body[: delivery.drop.after_bytes]
    if delivery.pause_after_bytes is not None:
        yield from _pieces(sent[: delivery.pause_after_bytes], delivery)
        yield delivery.pause_s
        sent = sent[delivery.pause_after_bytes :]
    yield from _pieces(sent, delivery)


def _pieces(body: bytes, delivery: Delivery) -> Iterator[Step]:
    size = delivery.piece_bytes or max(len(body), 1)
    for start in range(0, len(body), size):
        if start:
            yield delivery.piece_pause_s
        yield body[start : start + size]


def _message(completion: Completion, number: int) -> dict[str, object]:
    message: dict[str, object] = {
        "role": "assistant",
        "content": completion.content,
        "refusal": None,
        "annotations": [],
    }
    if completion.tool_calls:
        calls = enumerate(completion.tool_calls)
        message["tool_calls"] = [_call(made, f"call_{number}_{index}") for index, made in calls]
    return {**message, **completion.more}


def _call(made: ToolCall, call_id: str) -> dict[str, object]:
    return {
        "id": call_id if made.call_id is None else made.call_id,
        "type": "function",
        "function": {"name": made.name, "arguments": made.arguments},
    }


def _usage(completion: Completion, request: Received) -> dict[str, int]:
    said = len(str(completion.content or "")) + sum(
        len(str(made.arguments)) for made in completion.tool_calls
    )
    prompt, answered = completion.usage or (
        len(request.body) // CHARACTERS_PER_TOKEN,
        said // CHARACTERS_PER_TOKEN + 1,
    )
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answered,
        "total_tokens": prompt + answered,
    }
