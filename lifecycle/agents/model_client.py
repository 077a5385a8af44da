"""Asks an OpenAI-compatible server for one completion, within bounds: the only user of `openai`.

Every way in which that can fail becomes a value. What is asked, and what an answer means, is not
decided here. The key is sent to the server and goes nowhere else.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor, wait
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final, NamedTuple

import httpx2
from django.conf import settings
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, OpenAIError

from lifecycle.agents.replies import ModelFault, ModelReply, read_completion, without_secret
from lifecycle.core.values import JsonObject
from lifecycle.protocol.shown import shown
from lifecycle.usecases.clock import utc_now

LARGEST_ANSWER_BYTES: Final = 8 * 1024 * 1024
_TICK_SECONDS: Final = 0.5
_MOST_TRIES: Final = 4
_FIRST_PAUSE_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 15.0
# Shorter ones are placeholders, and striking them out would tear other words apart.
_SHORTEST_SECRET: Final = 8
_UNAUTHORISED: Final = frozenset({401, 403})
_RATE_LIMITED: Final = 429
_SERVER_FAULTS: Final = 500
# No waiting mends these; OpenAI sends the first with the status of a rate limit.
_HOPELESS: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})

OnTick = Callable[[], bool]


class ModelCall(NamedTuple):
    """One completion to ask for.

    Attributes:
        base_url: Address of the API.
        body: The request's fields, without the limit of tokens.
        answer_tokens: Tokens that the answer may have.
        seconds: How long to wait for it, tries and pauses included.
    """

    base_url: str
    body: JsonObject
    answer_tokens: int
    seconds: float


class _TooLargeError(Exception):
    """An answer goes on past what is read."""


class _EncodedError(Exception):
    """An answer is compressed, though none was asked for: its size cannot be told beforehand."""


class _Retry(NamedTuple):
    """A fault that waiting may mend, and how long the server asks to wait."""

    fault: ModelFault
    wait_s: float | None


def ask(call: ModelCall, on_tick: OnTick) -> ModelReply | ModelFault:
    """Ask a model, and call `on_tick` twice a second meanwhile.

    Args:
        call: What to ask.
        on_tick: `False` breaks the call off, which gives the fault ``turn_lost``.
    """
    started_s = time.monotonic()
    asking = _Asking(call)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(asyncio.run, asking.run())
        try:
            while not wait([future], _TICK_SECONDS).done:
                if not on_tick():
                    asking.break_off()
        except BaseException:
            # Ctrl-C: the pool waits for its thread, so that must not wait for the model.
            asking.break_off()
            raise
    outcome = future.result()
    latency_ms = round((time.monotonic() - started_s) * 1000)
    return outcome._replace(cost=outcome.cost._replace(latency_ms=latency_ms, tries=asking.tries))


class _Asking:
    """One call of a model, on an event loop in a thread of its own."""

    def __init__(self, call: ModelCall) -> None:
        self._call = call
        self._ends_at_s = time.monotonic() + call.seconds
        self._limit_name = "max_tokens"
        self._task: asyncio.Task[Any] | None = None
        self._broken_off = False
        self.tries = 0

    def break_off(self) -> None:
        """Cancel the call from another thread."""
        self._broken_off = True
        task = self._task
        if task is not None:
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def run(self) -> ModelReply | ModelFault:
        """Ask until there is an answer, a fault that stays, or no time left."""
        self._task = asyncio.current_task()
        try:
            # Around all of it: the client's own timeouts start anew with each byte that comes.
            async with asyncio.timeout(self._call.seconds), _client(self._call.base_url) as client:
                return await self._answer(client)
        except TimeoutError:
            return ModelFault("model_timeout", {"seconds": max(1, round(self._call.seconds))})
        except asyncio.CancelledError:
            return ModelFault("turn_lost", {})

    async def _answer(self, client: AsyncOpenAI) -> ModelReply | ModelFault:
        while not self._broken_off:
            self.tries += 1
            outcome = await self._try(client)
            if not isinstance(outcome, _Retry):
                return outcome
            wait_s = outcome.wait_s
            if wait_s is None:
                wait_s = _FIRST_PAUSE_SECONDS * 2 ** (self.tries - 1)
            if self.tries >= _MOST_TRIES or time.monotonic() + wait_s >= self._ends_at_s:
                return outcome.fault
            await asyncio.sleep(wait_s)
        return ModelFault("turn_lost", {})

    async def _try(self, client: AsyncOpenAI) -> ModelReply | ModelFault | _Retry:
        body = {**self._call.body, self._limit_name: self._call.answer_tokens}
        try:
            response = await client.post("/chat/completions", cast_to=httpx2.Response, body=body)
        except _TooLargeError:
            return ModelFault("model_answer_too_large", {"maximum": LARGEST_ANSWER_BYTES})
        except _EncodedError:
            return ModelFault("model_error", {"said": "an answer that is compressed, unasked"})
        except APIStatusError as error:
            if self._takes_other_limit(error):
                return _Retry(_status_fault(error), 0.0)
            return _judged(error)
        except APITimeoutError:
            return _Retry(
                ModelFault("model_unreachable", {"problem": "no connection in time"}), None
            )
        except APIConnectionError as error:
            problem = type(error.__cause__).__name__
            return _Retry(ModelFault("model_unreachable", {"problem": problem}), None)
        except (OpenAIError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            return ModelFault("model_error", {"said": type(error).__name__})
        return read_completion(response.content, secret_key())

    def _takes_other_limit(self, error: APIStatusError) -> bool:
        """Change the limit's name where the server knows only its newer one."""
        if error.param != self._limit_name or self._limit_name != "max_tokens":
            return False
        self._limit_name = "max_completion_tokens"
        return True


def secret_key() -> str:
    """Give what must not be in anything that is kept: the key, where there is a real one."""
    key: str = settings.ENVIRONMENT.model_api_key
    return key if len(key) >= _SHORTEST_SECRET else ""


def _judged(error: APIStatusError) -> ModelFault | _Retry:
    fault = _status_fault(error)
    passes = error.status_code == _RATE_LIMITED or error.status_code >= _SERVER_FAULTS
    if not passes or error.code in _HOPELESS:
        return fault
    return _Retry(fault, _retry_after(error.response.headers.get("retry-after")))


def _status_fault(error: APIStatusError) -> ModelFault:
    if error.status_code in _UNAUTHORISED:
        # What the server says of the key may quote it, in part.
        return ModelFault("model_unauthorised", {"status": error.status_code})
    body = error.body
    told = body.get("message") if isinstance(body, dict) else None
    said = shown(str(without_secret(told, secret_key()))) if told else "no reason that can be read"
    facts: JsonObject = {"status": error.status_code, "said": said}
    limited = error.status_code == _RATE_LIMITED
    return ModelFault("model_rate_limited" if limited else "model_error", facts)


def _retry_after(header: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - utc_now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _client(base_url: str) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url=base_url,
        # The package refuses to be made without one; servers of one's own take any.
        api_key=settings.ENVIRONMENT.model_api_key or "none",
        organization=None,
        project=None,
        max_retries=0,
        http_client=httpx2.AsyncClient(
            # Nothing that a server says sends the key elsewhere.
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
            event_hooks={"response": [_bound]},
            verify=_certificates(),
        ),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read the machine's certificates once: that takes longer than a call may."""
    return httpx2.create_ssl_context()


async def _bound(response: httpx2.Response) -> None:
    """Put a bound on the bytes of a body that is about to be read."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise _EncodedError
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    """A stream that ends in an error once it has given too much."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        given = 0
        async for piece in self._stream:
            given += len(piece)
            if given > LARGEST_ANSWER_BYTES:
                raise _TooLargeError
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
