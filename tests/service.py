"""Words for tests that go through the use cases: found a world, submit, deploy, install.

Nothing here checks anything.
"""

import hashlib
import json

import wasmtime

from lifecycle.core.ids import AgentId
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.usecases import worlds
from lifecycle.usecases.submit import Outcome, Submission, submit

WAT = '(module (func (export "tick") (result i32) i32.const {number}))'


def wasm(number: int = 1) -> bytes:
    """Give a small module; another number gives another one."""
    return bytes(wasmtime.wat2wasm(WAT.format(number=number)))


def hash_of(content: bytes) -> str:
    """Give the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def found_world(slug: str = "demo", *agents: str) -> dict[str, str]:
    """Found a world with the location ``hub`` and some agents there; give the agents' tokens."""
    worlds.create_world(slug)
    worlds.add_location(slug, "hub")
    return {agent: worlds.add_agent(slug, agent, at="hub") for agent in agents or ("ada", "bob")}


def decide(
    agent: str, decision: str, *, world: str = "demo", key: str | None = None, **fields: object
) -> Outcome:
    """Submit a decision for an agent."""
    parsed = parse_decision(json.dumps({"decision": decision, **fields}).encode())
    assert not isinstance(parsed, Malformed), parsed
    return submit(Submission(world, AgentId(agent), None, "api", key), parsed)


def deploy(
    agent: str, content: bytes, *, world: str = "demo", module_id: str | None = None
) -> Outcome:
    """Deploy bytes for an agent."""
    return decide(
        agent,
        "deploy_module_artifact",
        world=world,
        wasm_hash=hash_of(content),
        wasm_bytes_hex=content.hex(),
        module_id=module_id,
    )


def install(
    agent: str,
    content: bytes,
    module_id: str,
    *,
    world: str = "demo",
    module_version: str | None = None,
    activate: bool = True,
) -> Outcome:
    """Install bytes for an agent under a module id."""
    return decide(
        agent,
        "install_module_from_artifact",
        world=world,
        module_id=module_id,
        wasm_hash=hash_of(content),
        module_version=module_version,
        activate=activate,
    )


def compile_source(
    agent: str, module_id: str, manifest: str, files: dict[str, str], *, world: str = "demo"
) -> Outcome:
    """Ask for a compile for an agent."""
    return decide(
        agent,
        "compile_module_artifact_from_source",
        world=world,
        module_id=module_id,
        manifest_path=manifest,
        source_files=files,
    )
