"""What a world holds, as resources: the lists of them, newest first, and each by its address.

Only read here, and only of the caller's own world.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mcp_types import (
    BlobResourceContents,
    ListResourcesResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from lifecycle.access.callers import AgentCaller, SeenWorld, find_seen_world
from lifecycle.core.ids import HashFormatError, WasmHash, is_id, normalise_hash
from lifecycle.mcp.uris import TEMPLATES, Address, next_uri, parse_uri, uri_of
from lifecycle.protocol.shown import shown
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError
from lifecycle.usecases.queries.artifacts import (
    ArtifactRow,
    artifact_document,
    artifacts_page,
    find_wasm,
)
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.events import find_event, newest_events_page
from lifecycle.usecases.queries.modules import ModuleRow, find_module, modules_page

PAGE: Final = 50
_JSON: Final = "application/json"
_WASM: Final = "application/wasm"
_CURSOR: Final = re.compile(r"(artifacts|modules):([0-9]{1,18})")
_SEQ: Final = re.compile(r"[0-9]{1,18}")

Contents = TextResourceContents | BlobResourceContents


class _Position(NamedTuple):
    kind: str
    before: int | None


def list_resources(caller: AgentCaller, cursor: str | None) -> ListResourcesResult:
    """List a page of what the caller's world holds: artifacts, then modules, newest first.

    Raises:
        InvalidParameterError: the cursor is none of ours.
    """
    world, position = caller.world, _position(cursor)
    listed = _lists_of(world) if cursor is None else []
    if position.kind == "artifacts":
        artifacts = artifacts_page(world, before=position.before, limit=PAGE)
        for artifact in artifacts.rows:
            listed += _artifact_resources(world, artifact)
        if artifacts.next is not None:
            return ListResourcesResult(resources=listed, next_cursor=f"artifacts:{artifacts.next}")
        position = _Position("modules", None)
    modules = modules_page(world, before=position.before, limit=PAGE)
    listed += [_module_resource(world, module) for module in modules.rows]
    cursor = None if modules.next is None else f"modules:{modules.next}"
    return ListResourcesResult(resources=listed, next_cursor=cursor)


def list_templates(caller: AgentCaller) -> list[ResourceTemplate]:
    """List the forms of addresses in the caller's world."""
    return [
        ResourceTemplate(
            uri_template=uri_of(caller.world, path),
            name=name,
            description=description,
            mime_type=_WASM if name == "wasm" else _JSON,
        )
        for path, name, description in TEMPLATES
    ]


def read_resource(caller: AgentCaller, uri: str) -> Contents:
    """Give what is behind an address; what is in a foreign world is as absent as the unknown.

    Raises:
        NotFoundError: there is nothing.
        ContentError: the stored bytes are missing or were altered.
    """
    address = parse_uri(uri)
    world = None if address is None else find_seen_world(caller, address.world)
    if address is None or world is None:
        raise NotFoundError("uri", {"received": shown(uri)})
    contents = _contents(world, uri, address)
    if contents is None:
        raise NotFoundError("uri", {"received": shown(uri)})
    return contents


def _contents(world: SeenWorld, uri: str, address: Address) -> Contents | None:
    match address:
        case Address(parts=(name,), before=before) if name in _LISTS:
            return _text(uri, _LISTS[name](world, before))
        case Address(parts=("events", seq), before=None) if _SEQ.fullmatch(seq):
            return _text(uri, find_event(world, int(seq)))
        case Address(parts=("artifacts", spelling), before=None):
            return _text(uri, artifact_document(world, _hash(spelling)))
        case Address(parts=("artifacts", spelling, "wasm"), before=None):
            wasm = find_wasm(world, _hash(spelling))
            return None if wasm is None else _blob(uri, wasm)
        case Address(parts=("modules", module_id), before=None) if is_id(module_id):
            module = find_module(world, module_id)
            return None if module is None else _text(uri, module.document())
        case _:
            return None


def _text(uri: str, document: Document | None) -> TextResourceContents | None:
    if document is None:
        return None
    return TextResourceContents(
        uri=uri, mime_type=_JSON, text=json.dumps(document, ensure_ascii=False)
    )


def _blob(uri: str, content: bytes) -> BlobResourceContents:
    return BlobResourceContents(
        uri=uri, mime_type=_WASM, blob=base64.b64encode(content).decode("ascii")
    )


def _hash(spelling: str) -> WasmHash:
    try:
        return normalise_hash(spelling)
    except HashFormatError as error:
        raise NotFoundError("wasm_hash", {"received": shown(spelling)}) from error


def _events(world: SeenWorld, before: int | None) -> Document:
    page = newest_events_page(world, before=before, limit=PAGE)
    return {"events": page.rows, "next": next_uri(world, "events", page.next)}


def _artifacts(world: SeenWorld, before: int | None) -> Document:
    page = artifacts_page(world, before=before, limit=PAGE)
    rows = [row.document() for row in page.rows]
    return {"artifacts": rows, "next": next_uri(world, "artifacts", page.next)}


def _modules(world: SeenWorld, before: int | None) -> Document:
    page = modules_page(world, before=before, limit=PAGE)
    rows = [row.document() for row in page.rows]
    return {"installed_modules": rows, "next": next_uri(world, "modules", page.next)}


_LISTS: Final[Mapping[str, Callable[[SeenWorld, int | None], Document]]] = {
    "events": _events,
    "artifacts": _artifacts,
    "modules": _modules,
}
_TOLD: Final[Mapping[str, str]] = {
    "events": "The newest events of the journal; next leads to older ones.",
    "artifacts": "The newest artifacts; next leads to older ones.",
    "modules": "The modules installed last; next leads to older ones.",
}


def _lists_of(world: SeenWorld) -> list[Resource]:
    return [
        Resource(uri=uri_of(world, name), name=name, description=told, mime_type=_JSON)
        for name, told in _TOLD.items()
    ]


def _artifact_resources(world: SeenWorld, row: ArtifactRow) -> list[Resource]:
    name = f"{row.module_id_hint or 'artifact'} {row.wasm_hash[:12]}"
    return [
        Resource(
            uri=uri_of(world, "artifacts", row.wasm_hash),
            name=name,
            description=f"Published by {row.publisher_agent_id}, tick {row.deployed_at_tick}.",
            mime_type=_JSON,
        ),
        Resource(
            uri=uri_of(world, "artifacts", row.wasm_hash, "wasm"),
            name=f"{name}.wasm",
            description="Its bytes.",
            mime_type=_WASM,
            size=row.bytes_len,
        ),
    ]


def _module_resource(world: SeenWorld, row: ModuleRow) -> Resource:
    return Resource(
        uri=uri_of(world, "modules", row.module_id),
        name=f"{row.module_id} {row.module_version}",
        description=f"Installed by {row.installer_agent_id}, tick {row.installed_at_tick}.",
        mime_type=_JSON,
    )


def _position(cursor: str | None) -> _Position:
    if cursor is None:
        return _Position("artifacts", None)
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        facts = {"received": shown(cursor), "accepted": "the nextCursor of the page before"}
        raise InvalidParameterError("cursor", facts)
    return _Position(found[1], int(found[2]))
