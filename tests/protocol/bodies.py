"""Decisions as agents send them, and short ways to parse them. No expectation belongs here."""

import json
from typing import Any

from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_decision

HASH = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"
WASM_HEX = "0061736d01000000"

WAIT = {"decision": "wait", "ticks": 3}
WAIT_TICKS = {"decision": "wait_ticks", "ticks": 10}
MOVE = {"decision": "move_agent", "to": "harbour"}
COMPILE = {
    "decision": "compile_module_artifact_from_source",
    "publisher": "self",
    "module_id": "clock",
    "manifest_path": "main.c",
    "source_files": {
        "main.c": '#include "a.h"\nint f(void) { return A[0]; }\n',
        "a.h": "{ [ } ]\n",
    },
    "source_file_count": 2,
    "source_total_bytes": 52,
    "message_to_user": "Here it comes \u2026",
}
DEPLOY = {
    "decision": "deploy_module_artifact",
    "publisher": "agent:scout",
    "wasm_hash": HASH,
    "wasm_bytes_hex": WASM_HEX,
    "module_id": "clock",
}
INSTALL = {
    "decision": "install_module_from_artifact",
    "installer": "self",
    "module_id": "clock",
    "module_version": "0.2.0",
    "wasm_hash": HASH,
    "activate": False,
}
ALL = (WAIT, WAIT_TICKS, MOVE, COMPILE, DEPLOY, INSTALL)


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def parse(body: object, **options: bool) -> Parsed | Malformed:
    """Parse a JSON value, or bytes or text as they are."""
    match body:
        case bytes():
            return parse_decision(body, **options)
        case str():
            return parse_decision(body.encode(), **options)
        case _:
            return parse_decision(encoded(body), **options)


def accepted(body: object, **options: bool) -> Parsed:
    parsed = parse(body, **options)
    assert isinstance(parsed, Parsed), parsed
    return parsed


def refused(body: object, **options: bool) -> Malformed:
    fault = parse(body, **options)
    assert isinstance(fault, Malformed), fault
    return fault


def without(body: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in fields}
