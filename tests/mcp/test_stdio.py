"""The same server over standard input and output, as a desktop agent starts it."""

import asyncio
import json
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.core.management.base import CommandError
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.management.calling import said
from tests.mcp.serving import Service, decide, document_of, read_json
from tests.programs import MANAGE
from tests.service import found_world

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def started(service: Service) -> subprocess.Popen[str]:
    """Start the command for Bob, with pipes to it."""
    return subprocess.Popen(
        [sys.executable, str(MANAGE), "mcp_stdio", "demo", "bob"],
        env=service.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_main_verbs_work_over_standard_input_and_output(service: Service) -> None:
    async def job() -> tuple[list[str], dict[str, Any], dict[str, Any]]:
        program = StdioServerParameters(
            command=sys.executable,
            args=[str(MANAGE), "mcp_stdio", "demo", "bob"],
            env=service.environment,
        )
        async with Client(stdio_client(program)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            decided = document_of(await decide(client, "wait"))
            seq = decided["events"][0]["seq"]
            return tools, decided, await read_json(client, f"worldsim://demo/events/{seq}")

    tools, decided, event = asyncio.run(job())

    assert len(tools) == 5
    assert (decided["agent_id"], decided["channel"]) == ("bob", "mcp")
    assert event["actor"] == {"account": None, "agent_id": "bob", "channel": "mcp"}


def test_nothing_but_messages_is_written_and_the_end_of_input_ends_it(service: Service) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "agent_submit_decision", "arguments": [1]},
    }
    process = started(service)
    assert process.stdin is not None
    assert process.stdout is not None
    answers = []
    with process:
        for message in (INITIALIZE, INITIALIZED, "no message", call):
            text = message if isinstance(message, str) else json.dumps(message)
            process.stdin.write(text + "\n")
            process.stdin.flush()
            if message is not INITIALIZED:
                answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest = process.stdout.read()
        status = process.wait(20)

    assert [answer["id"] for answer in answers] == [1, None, 2]
    assert "world demo" in answers[0]["result"]["instructions"]
    assert answers[1]["error"]["code"] == -32700
    rejection = answers[2]["result"]["structuredContent"]["rejection"]
    assert rejection["code"] == "not_an_object"
    assert (rest, status) == ("", 0)


def test_ctrl_c_ends_it_although_input_stays_open(service: Service) -> None:
    process = started(service)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(json.dumps(INITIALIZE) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == -signal.SIGINT


@pytest.mark.django_db
def test_an_unknown_world_or_agent_is_refused_before_anything_is_served() -> None:
    found_world("demo", "ada")

    for world, agent in (("nowhere", "ada"), ("demo", "nobody")):
        with pytest.raises(CommandError, match=f"{world}|{agent}") as refused:
            said("mcp_stdio", world, agent)
        assert refused.value.returncode == 1
