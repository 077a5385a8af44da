"""The agent of the demo world that a local model acts for: `serve --local-model`.

Its process, the settings that suit so small a model, and its run. How the model is served stands in
`model_server`, how a turn is taken in `agents`.
"""

import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connections
from django.urls import reverse

from lifecycle.access.callers import get_any_world
from lifecycle.management.command import broken
from lifecycle.management.demo_cast import LOCATIONS, WORLD
from lifecycle.management.model_server import (
    BUNDLED,
    LOCALHOST,
    ModelServerError,
    require_free,
    require_packages,
)
from lifecycle.management.supervisor import Command
from lifecycle.usecases import worlds
from lifecycle.usecases.errors import RefusedError, UseCaseError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.runs import runs_of
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import start_run, stop_run

AGENT: Final = "apprentice"
TURNS: Final = 200
# A base model answers well only under a schema.
_DIALECT: Final = "json_schema"
# A small model finds no end by itself, and a processor reads some hundred tokens a second.
_SUITED: Final[Mapping[str, str]] = {
    "turn_answer_tokens": "256",
    "turn_seconds": "600",
    "prompt_tokens": "6000",
}
_PATIENCE_SECONDS: Final = 0.3
_LAST_PORT: Final = 65535


class LocalAgent:
    """The agent, its model, and where that is served."""

    def __init__(self, port: int) -> None:
        """Take the port of the model.

        Raises:
            CommandError: the model cannot be served there, or its packages are missing.
        """
        try:
            require_packages()
            require_free(port, "Choose another by --local-model PORT.")
        except ModelServerError as error:
            raise broken(str(error)) from error
        self._port = port

    @property
    def base_url(self) -> str:
        """What is asked for completions."""
        return f"http://{LOCALHOST}:{self._port}/v1"

    def changes(self) -> dict[str, str]:
        """Give the settings by which the service offers the model; the operator's own win."""
        environment = settings.ENVIRONMENT
        offered = f"{BUNDLED}={self.base_url}"
        suited = {
            f"WORLDSIM_{name.upper()}": value
            for name, value in _SUITED.items()
            if name not in environment.model_fields_set
        }
        return {
            **suited,
            "WORLDSIM_MODELS": ",".join(filter(None, [environment.models, offered])),
        }

    def command(self, manage: Path) -> Command:
        """Give the command that serves the model."""
        argv = [str(manage), "local_model", "--port", str(self._port)]
        return Command("local model", argv, signal.SIGTERM, ends_last=True)

    def is_ready(self) -> bool:
        """Say whether the model is loaded, so that no turn is wasted before."""
        question = f"GET /health HTTP/1.0\r\nHost: {LOCALHOST}:{self._port}\r\n\r\n"
        try:
            with socket.create_connection((LOCALHOST, self._port), _PATIENCE_SECONDS) as asked:
                asked.sendall(question.encode())
                return asked.recv(16).split(b" ")[1:2] == [b"200"]
        except OSError:
            return False

    def start(self, address: str) -> str:
        """Start the agent's run, or let it go on; say where its turns appear.

        Args:
            address: The service's.
        """
        try:
            page = reverse("run", args=[WORLD, self._run_id()]).removeprefix("/")
        except (UseCaseError, RefusedError, DatabaseFault) as error:
            return f"The model's run did not start ({error}); the next start tries again."
        finally:
            connections.close_all()
        return f"  A model decides, turn by turn:\n  {address}{page}\n"

    def _run_id(self) -> str:
        try:
            worlds.add_agent(WORLD, AGENT, at=LOCATIONS[0])
        except RefusedError as error:
            if error.record.code != "agent_exists":
                raise
        for run in self._active_runs():
            if run["base_url"] == self.base_url:
                return str(run["run_id"])
            # Of an earlier start, on another port: nobody answers there any more.
            stop_run(get_any_world(WORLD), run["run_id"])
        request = RunRequest(WORLD, AGENT, BUNDLED, self.base_url, dialect=_DIALECT, turns=TURNS)
        return start_run(request).run_id

    def _active_runs(self) -> list[Document]:
        runs = runs_of(get_any_world(WORLD), active=True)
        return [run for run in runs if run["agent_id"] == AGENT]


def port_beside(port: int) -> int:
    """Give the model's port where none is named: the one after the service's."""
    return port + 1 if 0 < port < _LAST_PORT else _LAST_PORT - 1
