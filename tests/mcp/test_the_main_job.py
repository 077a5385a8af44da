"""The main job by the protocol's own client: compile, install, look around, read the world."""

import asyncio
import base64
import hashlib
import json
from typing import Any

import pytest
import wasmtime
from mcp import Client, MCPError
from mcp_types import TextContent

from tests.mcp.serving import (
    Service,
    compiled,
    decide,
    document_of,
    read_blob,
    read_json,
)

WAT = '(module (func (export "tick") (result i32) i32.const {number}))'
BROKEN_C = "int tick(void) { return missing; }\n"
MODES = ("auto", "legacy")
Looked = tuple[dict[str, Any], list[str], list[int]]


def test_the_journal_is_read_by_pages_and_by_place(service: Service) -> None:
    async def job(client: Client) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        for _ in range(60):
            await decide(client, "wait")
        pages = [await read_json(client, "worldsim://demo/events")]
        while pages[-1]["next"] is not None:
            pages.append(await read_json(client, pages[-1]["next"]))
        return pages, await read_json(client, "worldsim://demo/events/1")

    pages, first = service.speak("bob", job)

    events = [event for page in pages for event in page["events"]]
    assert [event["seq"] for event in events] == list(range(len(events), 0, -1))
    assert len(pages) > 1
    assert events[-1] == first
    assert first["kind"] == "WorldCreated"


def test_resources_are_listed_in_pages_newest_first(service: Service) -> None:
    async def job(client: Client) -> tuple[list[str], int]:
        for number in range(100, 160):
            source = WAT.format(number=number).encode()
            wasm = _assembled(source)
            await decide(
                client,
                "deploy_module_artifact",
                wasm_hash=hashlib.sha256(wasm).hexdigest(),
                wasm_bytes_hex=wasm.hex(),
            )
        uris: list[str] = []
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = await client.list_resources(cursor=cursor)
            uris += [str(resource.uri) for resource in page.resources]
            cursor, pages = page.next_cursor, pages + 1
        return uris, pages

    uris, pages = service.speak("eve", job)

    assert pages == 2
    assert uris[:3] == [f"worldsim://other/{name}" for name in ("events", "artifacts", "modules")]
    assert len(uris) == len(set(uris)) == 3 + 2 * 60
    newest = hashlib.sha256(_assembled(WAT.format(number=159).encode())).hexdigest()
    assert uris[3:5] == [
        f"worldsim://other/artifacts/{newest}",
        f"worldsim://other/artifacts/{newest}/wasm",
    ]


def _assembled(source: bytes) -> bytes:

    return bytes(wasmtime.wat2wasm(source))


def test_two_agents_at_once_see_only_what_they_may(service: Service) -> None:
    async def look(client: Client) -> Looked:
        seen = document_of(await client.call_tool("world_observation", {}))
        templates = await client.list_resource_templates()
        codes = []
        for foreign in ("demo", "other", "unknown"):
            try:
                await read_json(client, f"worldsim://{foreign}/events/1")
            except MCPError as error:
                codes.append(error.code)
            else:
                codes.append(0)
        return seen, [one.uri_template for one in templates.resource_templates], codes

    async def both() -> tuple[Looked, Looked]:
        return await asyncio.gather(
            asyncio.to_thread(service.speak, "ada", look),
            asyncio.to_thread(service.speak, "eve", look),
        )

    ada, eve = asyncio.run(both())

    assert (ada[0]["world"], ada[0]["agent_id"]) == ("demo", "ada")
    assert (eve[0]["world"], eve[0]["agent_id"]) == ("other", "eve")
    assert all(uri.startswith("worldsim://demo/") for uri in ada[1])
    assert all(uri.startswith("worldsim://other/") for uri in eve[1])
    assert ada[2] == [0, -32602, -32602]
    assert eve[2] == [-32602, 0, -32602]


# What compiles comes last: the worker gets ready meanwhile.


@pytest.mark.parametrize("mode", MODES)
def test_the_main_job_is_done_by_either_revision_of_the_protocol(
    service: Service, mode: str
) -> None:
    module_id, number = f"clock-{mode}", MODES.index(mode) + 1

    async def job(client: Client) -> dict[str, Any]:
        asked = await decide(
            client,
            "compile_module_artifact_from_source",
            module_id=module_id,
            manifest_path="clock.wat",
            source_files={"clock.wat": WAT.format(number=number)},
        )
        result = await compiled(client, document_of(asked)["id"])
        wasm_hash = result["wasm_hash"]
        installed = await decide(
            client, "install_module_from_artifact", module_id=module_id, wasm_hash=wasm_hash
        )
        status = await client.call_tool("module_lifecycle_status", {"module_id": module_id})
        return {
            "asked": document_of(asked),
            "result": result,
            "installed": document_of(installed),
            "status": document_of(status),
            "blob": await read_blob(client, f"worldsim://demo/artifacts/{wasm_hash}/wasm"),
            "artifact": await read_json(client, f"worldsim://demo/artifacts/{wasm_hash}"),
            "module": await read_json(client, f"worldsim://demo/modules/{module_id}"),
        }

    done = service.speak("ada", job, mode=mode)

    wasm_hash = done["result"]["wasm_hash"]
    assert done["asked"]["status"] == "compiling"
    assert hashlib.sha256(base64.b64decode(done["blob"])).hexdigest() == wasm_hash
    assert done["installed"]["events"][0]["kind"] == "ModuleInstalled"
    assert done["installed"]["channel"] == "mcp"
    assert done["status"]["installed_modules"][0]["wasm_hash"] == wasm_hash
    assert done["artifact"]["publisher_agent_id"] == "ada"
    assert done["artifact"]["publications"][0]["provenance"]["toolchain"] == "wat"
    assert done["module"]["wasm_hash"] == wasm_hash


def test_a_failed_compile_tells_the_line_and_the_mended_one_goes_through(service: Service) -> None:
    async def job(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        outcomes = []
        for source in (BROKEN_C, '__attribute__((export_name("tick"))) int tick(void){return 7;}'):
            asked = await decide(
                client,
                "compile_module_artifact_from_source",
                module_id="mended",
                manifest_path="main.c",
                source_files={"main.c": source},
            )
            outcomes.append(await compiled(client, document_of(asked)["id"]))
        return outcomes[0], outcomes[1]

    failed, mended = service.speak("bob", job)

    assert failed["rejection"]["code"] == "compile_failed"
    place = failed["diagnostics"][0]
    assert (place["file"], place["line"]) == ("main.c", 1)
    assert "missing" in place["message"]
    assert mended["rejection"] is None
    assert len(mended["wasm_hash"]) == 64


def test_a_long_compile_is_answered_at_once_with_how_to_look_it_up(service: Service) -> None:
    async def job(client: Client) -> tuple[list[str], list[str], str]:
        asked = await decide(
            client,
            "compile_module_artifact_from_source",
            module_id="slow",
            manifest_path="build.txt",
            source_files={"build.txt": "3\n"},
        )
        texts = [block.text for block in asked.content if isinstance(block, TextContent)]
        decision_id = document_of(asked)["id"]
        states: list[str] = []
        while not states or states[-1] in {"queued", "running"}:
            result = await client.call_tool("compile_result", {"decision_id": decision_id})
            states.append(document_of(result)["state"])
            await asyncio.sleep(0.1)
        return texts, states, decision_id

    texts, states, decision_id = service.speak("ada", job)

    assert json.loads(texts[0])["status"] == "compiling"
    assert "compile_result" in texts[1]
    assert decision_id in texts[1]
    assert states[0] in {"queued", "running"}
    assert "running" in states
    assert states[-1] == "succeeded"
