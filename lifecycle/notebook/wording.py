"""Decisions and events in a few words, for lists. Refusals are worded by `protocol.wording`.

The texts that go in may be an agent's; what comes out is text, and templates escape it.
"""

import json
from typing import Any, Final

from lifecycle.usecases.queries.documents import Document

_SHORT_HASH: Final = 12
_LONGEST_GIVEN: Final = 200


def short_hash(digest: object) -> str:
    """Give the first digits of a hash, as lists show it."""
    return str(digest)[:_SHORT_HASH]


def asked(decision: Document) -> str:
    """Say what a decision asks for, from its recorded arguments."""
    name, get = str(decision.get("decision", "")), decision.get
    match name:
        case "wait" | "wait_ticks":
            return f"wait {_counted(get('ticks', 1), 'tick')}"
        case "move_agent":
            return f"move to {get('to')}"
        case "compile_module_artifact_from_source":
            return f"compile {get('module_id')} from {get('manifest_path')}{_files(decision)}"
        case "deploy_module_artifact":
            named = f" as {get('module_id')}" if get("module_id") else ""
            return f"deploy {short_hash(get('wasm_hash'))}{named}"
        case "install_module_from_artifact":
            version = f" {get('module_version')}" if get("module_version") else ""
            return f"install {get('module_id')}{version} from {short_hash(get('wasm_hash'))}"
        case _:
            return name or "not a decision"


def given_in_field(document: Document) -> str:
    """Give what stood in the field that a decision was refused for; bulk content is left out."""
    field = str(document["rejection"]["field"] or "")
    given = document["decision"].get(field)
    if given is None or isinstance(given, dict | list):
        return ""
    text = given if isinstance(given, str) else json.dumps(given)
    return text if len(text) <= _LONGEST_GIVEN else f"{text[:_LONGEST_GIVEN]}…"


def _files(decision: Document) -> str:
    package = decision.get("source_files")
    count = package.get("file_count") if isinstance(package, dict) else decision.get("file_count")
    return f" ({_counted(count, 'file')})" if isinstance(count, int) else ""


def _counted(count: object, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def happened(event: Document) -> str:
    """Say what an event is about, from its kind and payload."""
    told: dict[str, Any] = event["payload"]
    match event["kind"]:
        case "WorldCreated":
            return f"world {told['name']} began"
        case "LocationRegistered":
            return f"location {told['location_id']}"
        case "AgentRegistered":
            place = f" at {told['location_id']}" if told["location_id"] else ""
            return f"agent {told['agent_id']}{place}"
        case "AgentMoved":
            return f"{told['agent_id']} moved to {told['to_location_id']}"
        case "AgentWaited":
            return f"{told['agent_id']} waited {_counted(told['ticks'], 'tick')}"
        case "ActionRejected":
            return f"{told['rejection']['code']}: {asked(told['action'])}"
        case _:
            return _module_event(event["kind"], told)


def _module_event(kind: str, told: dict[str, Any]) -> str:
    match kind:
        case "ModuleCompileRequested":
            return f"{told['publisher_agent_id']}: {told['module_id']} from {told['manifest_path']}"
        case "ModuleArtifactDeployed":
            return (
                f"{told['publisher_agent_id']} published {short_hash(told['wasm_hash'])}"
                f" ({_counted(told['bytes_len'], 'byte')})"
            )
        case "ModuleInstalled":
            return (
                f"{told['installer_agent_id']} installed {told['module_id']}"
                f" {told['module_version']} from {short_hash(told['wasm_hash'])}"
            )
        case _:
            return ""


def accepted_sentence(document: Document) -> str:
    """Say what became of a decision that the rules took."""
    what = asked(document["decision"])
    if document["status"] == "unchanged":
        return f"Nothing to change: {what}."
    if document["status"] == "compiling":
        return f"Sent to the compilers: {what}."
    seqs = ", ".join(str(event["seq"]) for event in document["events"])
    return f"Done as event {seqs}: {what}."
