"""The scripted model as an HTTP server on this machine: checks, remembers, answers.

What is wrong with a request is said by ``checks.py``, what is answered by the script; how bytes
reach the client is in ``connection.py``.
"""

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from tests.scripted_model.answers import Answer
from tests.scripted_model.checks import read_document, refuse_completion
from tests.scripted_model.connection import Listener
from tests.scripted_model.faulty_replies import other_json, refused_with
from tests.scripted_model.received import Received
from tests.scripted_model.refusal import Refusal
from tests.scripted_model.script import After, Line, Script
from tests.scripted_model.wire import DEFAULT_MODEL, model_document

HOST: Final = "127.0.0.1"
COMPLETIONS: Final = "/v1/chat/completions"
MODELS: Final = "/v1/models"


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that OpenAI would have refused, or an answer that the script did not have."""

    request_number: int
    message: str
    param: str | None = None
    code: str | None = None


class ScriptedModel:
    """An OpenAI-compatible server that says what it was told to say.

    It listens from its making until ``close``; as a context manager it closes itself.

    Args:
        lines: Answers in order, or functions that make one from the request.
        after: What follows the last: ``repeat`` says it again, ``fault`` is a 500 and a fault.
        models: The models it has; another is refused with 404. None takes any name.
        api_key: The key it wants; another is refused with 401. None takes any, or none.
        port: Where it listens; 0 lets the system choose.
    """

    def __init__(
        self,
        *lines: Line,
        after: After = "fault",
        models: Sequence[str] | None = None,
        api_key: str | None = None,
        port: int = 0,
    ) -> None:
        self.requests: list[Received] = []
        self.faults: list[Fault] = []
        self._script = Script(lines, after)
        self._models = models
        self._api_key = api_key
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._listener = Listener((HOST, port), self._answered, self._broken)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    @property
    def base_url(self) -> str:
        """What an OpenAI client wants as its base URL."""
        return f"http://{HOST}:{self.port}/v1"

    @property
    def completions(self) -> list[Received]:
        """The requests for completions, well-formed or not, in order."""
        return [request for request in self.requests if request.path == COMPLETIONS]

    @property
    def left(self) -> int:
        """How many of the script's lines were not said yet."""
        return self._script.left

    def add(self, *lines: Line) -> None:
        """Put lines after those of the script."""
        self._script.add(*lines)

    def close(self) -> None:
        """Stop listening, end every connection and every wait; a second time does nothing."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answered(
        self, method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> tuple[Answer, Received]:
        """Remember a request, judge it, and give the answer to it."""
        request = self._remembered(method, path, headers, body)
        refusal = self._refusal(request)
        if refusal is not None:
            return self._faulted(request, refusal), request
        if path == MODELS:
            listed = [model_document(model) for model in self._models or (DEFAULT_MODEL,)]
            return other_json({"object": "list", "data": listed}), request
        return self._scripted(request), request

    def _remembered(
        self, method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> Received:
        with self._lock:
            request = Received(
                number=next(self._numbers),
                method=method,
                path=path,
                headers=headers,
                body=body,
                document=read_document(body),
                received_at=time.monotonic(),
            )
            self.requests.append(request)
        return request

    def _refusal(self, request: Received) -> Refusal | None:
        """Judge a request: its address, its key, its body, its model."""
        if (request.method, request.path) not in {("POST", COMPLETIONS), ("GET", MODELS)}:
            told = f"Invalid URL ({request.method} {request.path})"
            return Refusal(message=told, status=404)
        if self._api_key not in {None, (request.header("Authorization") or "")[len("Bearer ") :]}:
            return Refusal(message="Incorrect API key.", code="invalid_api_key", status=401)
        if request.path == MODELS:
            return None
        refusal = refuse_completion(request.body, request.header("Content-Type"))
        if refusal is None and self._models is not None and request.model not in self._models:
            told = f"The model '{request.model}' does not exist."
            return Refusal(message=told, param="model", code="model_not_found", status=404)
        return refusal

    def _scripted(self, request: Received) -> Answer:
        """Give the script's next answer."""
        line = self._script.take()
        if line is None:
            told = Refusal(message="The script is over.", kind="server_error", status=500)
            return self._faulted(request, told)
        if isinstance(line, Answer):
            return line
        try:
            return line(request)
        except Exception as error:  # noqa: BLE001 - a test's function may fail in any way
            message = f"The script failed: {type(error).__name__}: {error}"
            told = Refusal(message=message, kind="server_error", status=500)
            return self._faulted(request, told)

    def _faulted(self, request: Received, refusal: Refusal) -> Answer:
        """Remember a fault, and give the answer that tells it."""
        with self._lock:
            self.faults.append(Fault(request.number, refusal.message, refusal.param, refusal.code))
        return refused_with(refusal)

    def _broken(self, message: str) -> None:
        """Remember what went wrong on a connection by no doing of a client."""
        with self._lock:
            self.faults.append(Fault(len(self.requests), message))
