"""The ways that an agent's calls reach the service: REST, MCP, and a model that the runner asks.

What is called, and why, is the story's.
"""

import asyncio
import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from lifecycle.protocol.names import TOOL_NAME
from tests.programs import manage
from tests.scenario.story import LAST_VERSION, TURNS, Call, Story, story
from tests.scripted_model.answers import Answer
from tests.scripted_model.answers import call as tool_call
from tests.scripted_model.received import Received
from tests.scripted_model.server import ScriptedModel

_PAUSE_S: Final = 0.1


class Seat(NamedTuple):
    """Where an agent sits: the service, its world, its token."""

    address: str
    data: Path
    world: str
    agent: str
    token: str


def by_rest(seat: Seat) -> None:
    """Tell the story over HTTP, decisions and queries each at their own address."""
    place = urlsplit(seat.address)
    headers = {"Authorization": f"Bearer {seat.token}", "Content-Type": "application/json"}

    def call(name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        path = "decisions/" if name == TOOL_NAME else f"tools/{name}/"
        connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
        try:
            url = f"/api/v1/worlds/{seat.world}/{path}"
            connection.request("POST", url, json.dumps(arguments), headers)
            return json.load(connection.getresponse())
        finally:
            connection.close()

    told = story()
    step = next(told)
    while True:
        answer = call(*step)
        time.sleep(_PAUSE_S)
        try:
            step = told.send(answer)
        except StopIteration:
            return


def by_mcp(seat: Seat) -> None:
    """Tell the story over MCP, by the client of its own package."""
    asyncio.run(_by_mcp(seat))


async def _by_mcp(seat: Seat) -> None:
    headers = {"Authorization": f"Bearer {seat.token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(f"{seat.address}mcp/", http_client=http)
        async with Client(transport) as client:
            told = story()
            step = next(told)
            while True:
                result = await client.call_tool(step.name, step.arguments)
                await asyncio.sleep(_PAUSE_S)
                try:
                    step = told.send(result.structured_content or {})
                except StopIteration:
                    return


def by_runner(seat: Seat) -> None:
    """Tell the story by a model that a run of the agent asks, turn by turn."""
    mind = _Mind(story())
    with ScriptedModel(*([mind.answer] * (4 * TURNS)), after="fault") as model:
        done = manage(
            seat.data,
            "run_agent",
            *("--world", seat.world, "--agent", seat.agent),
            *("--model", "scripted", "--base-url", model.base_url),
            *("--turns", str(TURNS), "--goal", "Install a counter, then a better one."),
        )
        assert done.returncode == 0, done.stderr + done.stdout
        assert model.faults == []
    assert mind.is_over, done.stdout


class _Mind:
    """A model that tells the story: it reads what its queries gave, and calls what comes next."""

    def __init__(self, told: Story) -> None:
        self._told = told
        self._begun = False
        self.is_over = False

    def answer(self, request: Received) -> Answer:
        """Answer a request with the next call."""
        step = self._next(request)
        return tool_call(step.name, step.arguments)

    def _next(self, request: Received) -> Call:
        if not self._begun:
            self._begun = True
            return next(self._told)
        last = request.messages[-1]
        found = json.loads(str(last["content"])) if last["role"] == "tool" else {}
        step = self._told.send(found)
        self.is_over = step.arguments.get("module_version") == LAST_VERSION
        return step


WAYS: Final[dict[str, Callable[[Seat], None]]] = {
    "rest": by_rest,
    "mcp": by_mcp,
    "runner": by_runner,
}
