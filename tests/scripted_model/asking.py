"""How the tests of this folder ask the scripted model: by OpenAI's own client.

Nothing here checks anything.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from openai import DefaultHttpxClient, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion_message_function_tool_call import Function

from tests.scripted_model.answers import Answer
from tests.scripted_model.checks import refuse_completion
from tests.scripted_model.refusal import Refusal
from tests.scripted_model.server import ScriptedModel

TOOL = "world_observation"
# Reading the machine's certificates takes longer than a test, and no test needs one.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HELLO = {"role": "user", "content": "Hello, answer in JSON."}


@contextmanager
def client_of(model: ScriptedModel, timeout_s: float = 5.0) -> Iterator[OpenAI]:
    """Open a client that never tries a second time."""
    with OpenAI(
        base_url=model.base_url,
        api_key="sk-of-a-test",
        max_retries=0,
        timeout=timeout_s,
        http_client=DefaultHttpxClient(verify=NO_CERTIFICATES),
    ) as client:
        yield client


def fetched(model: ScriptedModel) -> httpx2.Response:
    """Ask for a completion and take the reply as it is."""
    document = {"model": "any", "messages": [HELLO]}
    url = f"{model.base_url}/chat/completions"
    return httpx2.post(url, json=document, timeout=5, verify=NO_CERTIFICATES)


def ask(model: ScriptedModel, timeout_s: float = 5.0) -> ChatCompletion:
    """Ask for one completion, in the smallest way."""
    with client_of(model, timeout_s) as client:
        return client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Hello"}]
        )


def message_of(answer: Answer) -> ChatCompletionMessage:
    """Give the message that a client reads from an answer."""
    with ScriptedModel(answer) as model:
        return ask(model).choices[0].message


def function_of(answer: Answer) -> Function:
    """Give the first call that a client reads from an answer."""
    [called, *_] = message_of(answer).tool_calls or []
    assert called.type == "function"
    return called.function


def judged(**fields: object) -> Refusal | None:
    """Judge a request of one message, with other fields in it or instead."""
    document = {"model": "any", "messages": [HELLO], **fields}
    return refuse_completion(json.dumps(document).encode(), "application/json")


def function_tool(name: str = TOOL, **fields: object) -> dict[str, object]:
    """Give a tool as OpenAI wants it, with other fields in its function."""
    return {"type": "function", "function": {"name": name, **fields}}
