"""A web server with two worlds and a worker as processes, and the protocol's own client for it.

Nothing here checks what the service answers.
"""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import BlobResourceContents, CallToolResult, TextResourceContents

from tests.programs import ROOT, Running, environment, eventually, run

_Made = TypeVar("_Made")
LIMIT = 200_000
_START_SECONDS = 60.0
DECIDE = "agent_submit_decision"
# What `create_world` and `add_agent` do, in one process.
_FOUND = f"""
import json, os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ["DJANGO_SETTINGS_MODULE"] = "worldsim.settings"
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.service import found_world
demo = found_world("demo", "ada", "bob")
print(json.dumps({{**demo, **found_world("other", "eve")}}))
"""


class Raw(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: str


class Service:
    """A service on a folder of its own: Ada and Bob in the world demo, Eve in the world other."""

    def __init__(self, data: Path, *, worker: bool = False, **changes: str) -> None:
        """Start it and wait until it answers."""
        found = run([sys.executable, "-c", _FOUND], data)
        assert found.returncode == 0, found.stderr
        self.data = data
        self.tokens: dict[str, str] = json.loads(found.stdout)
        wanted = {"PORT": "0", "WORLDSIM_MAX_BODY_BYTES": str(LIMIT), **changes}
        self.environment = environment(data, wanted)
        self._worker = [Running(self.environment, data / "worker.log", "worker")] if worker else []
        self.web = Running(self.environment, data / "web.log", "web")
        serving = re.compile(r"Serving on http://127\.0\.0\.1:(\d+)/")
        assert eventually(lambda: serving.search(self.web.said()) is not None, _START_SECONDS)
        found_port = serving.search(self.web.said())
        assert found_port is not None
        self.port = int(found_port[1])
        assert eventually(self._answers, _START_SECONDS)

    def _answers(self) -> bool:
        try:
            return self.send("GET", "/mcp/").status == 401
        except (OSError, HTTPException):
            return False

    def stop(self) -> None:
        """End its processes."""
        for running in [self.web, *self._worker]:
            running.make_sure_it_is_gone()

    def send(
        self, method: str, path: str, body: object = None, agent: str = "", **headers: str
    ) -> Raw:
        """Send one request by hand, with an agent's token where one is named."""
        given = {"Content-Type": "application/json", "Accept": "application/json"}
        if agent:
            given["Authorization"] = f"Bearer {self.tokens[agent]}"
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, text, given)
            answer = connection.getresponse()
            heads = {name.lower(): value for name, value in answer.getheaders()}
            return Raw(answer.status, heads, answer.read().decode())
        finally:
            connection.close()

    def ask(self, agent: str, method: str, **params: object) -> dict[str, Any]:
        """Send one message by hand, without any handshake; give the whole answer."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        found: dict[str, Any] = json.loads(self.send("POST", "/mcp/", message, agent).body)
        return found

    def speak(
        self, agent: str, talk: Callable[[Client], Awaitable[_Made]], *, mode: str = "auto"
    ) -> _Made:
        """Connect the protocol's own client as an agent, and let it talk."""

        async def connected() -> _Made:
            headers = {"Authorization": f"Bearer {self.tokens[agent]}"}
            url = f"http://127.0.0.1:{self.port}/mcp/"
            async with (
                httpx2.AsyncClient(headers=headers, trust_env=False, timeout=20) as http,
                Client(streamable_http_client(url, http_client=http), mode=mode) as client,
            ):
                return await talk(client)

        return asyncio.run(connected())


def document_of(result: CallToolResult) -> dict[str, Any]:
    """Give what a tool answered."""
    document: dict[str, Any] = result.structured_content
    return document


async def decide(client: Client, decision: str, **fields: object) -> CallToolResult:
    """Submit a decision."""
    return await client.call_tool(DECIDE, {"decision": decision, **fields})


async def compiled(client: Client, decision_id: str) -> dict[str, Any]:
    """Ask for a compile's result until it has ended."""
    while True:
        result = await client.call_tool("compile_result", {"decision_id": decision_id})
        document = document_of(result)
        if document["state"] not in {"queued", "running"}:
            return document
        await asyncio.sleep(0.1)


async def read_json(client: Client, uri: str) -> dict[str, Any]:
    """Read a resource that is a document."""
    [contents] = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)
    document: dict[str, Any] = json.loads(contents.text)
    return document


async def read_blob(client: Client, uri: str) -> str:
    """Read a resource that is bytes; give them in base64."""
    [contents] = (await client.read_resource(uri)).contents
    assert isinstance(contents, BlobResourceContents)
    return contents.blob
