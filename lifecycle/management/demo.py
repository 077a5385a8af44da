"""The demo world: real decisions, submitted as any agent's are, compiled and installed.

Every decision has a key of its own, so that a start which was cut off goes on where it was, and a
later start changes nothing.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connections, transaction

from lifecycle.access.callers import get_any_world
from lifecycle.access.tokens import find_holder
from lifecycle.codec.events import decode_event
from lifecycle.content import store as content
from lifecycle.core.events import AgentRegistered
from lifecycle.core.ids import AgentId
from lifecycle.journal.reading import read_events
from lifecycle.journal.store import find_head
from lifecycle.management.demo_cast import (
    ALWAYS_THERE,
    BROKER,
    CLERK,
    LOCATIONS,
    MASON,
    SCOUT,
    WORLD,
    Builder,
)
from lifecycle.management.private_files import read_private, write_private
from lifecycle.usecases import worlds
from lifecycle.usecases.changes import By
from lifecycle.usecases.errors import KeyReusedError, RefusedError, UseCaseError
from lifecycle.usecases.queries.decisions import get_decision
from lifecycle.usecases.queries.toolchains import reported_toolchains
from lifecycle.usecases.receive import Delivery, receive
from lifecycle.usecases.tokens import add_token

_POLL_SECONDS: Final = 0.1
_COMPILE: Final = "compile_module_artifact_from_source"

Say = Callable[[str], None]
Document = dict[str, Any]


class Demo:
    """The making of the demo world."""

    world = WORLD

    def __init__(self, say: Say) -> None:
        """Take where to report."""
        self._say = say
        self.token_file: Path = settings.ENVIRONMENT.data / "demo-token"

    def build(self) -> bool:
        """Make what is missing of the demo world.

        Returns:
            Whether there is a demo world of ours; a world of that name may be somebody's own.
        """
        try:
            if not self._found():
                return False
            self._tell_the_story()
            self._keep_token()
        except (UseCaseError, RefusedError, DatabaseFault, OSError) as error:
            self._say(f"The demo world is not finished ({error}); the next start goes on with it.")
            return False
        finally:
            connections.close_all()
        return True

    def _found(self) -> bool:
        """Found the world with its first inhabitants, all at once."""
        head = find_head(WORLD)
        if head is not None:
            return _is_ours(head.world_pk)
        with transaction.atomic():
            worlds.create_world(WORLD)
            for location in LOCATIONS:
                worlds.add_location(WORLD, location)
            for builder in ALWAYS_THERE:
                worlds.add_agent(WORLD, builder.agent_id, at=LOCATIONS[0])
        self._say("The demo world is being made; look at it meanwhile.")
        return True

    def _tell_the_story(self) -> None:
        # All are asked for first, so that the workers have something to do at once.
        asked = {builder: self._ask(builder) for builder in ALWAYS_THERE}
        hashes = {builder: self._finish(builder, asked[builder]) for builder in ALWAYS_THERE}
        self._share(hashes[MASON])
        if self._has_rust():
            self._join(CLERK)
            self._finish(CLERK, self._ask(CLERK))
        self._act(SCOUT, "move", {"decision": "move_agent", "to": LOCATIONS[1]})
        self._act(BROKER, "rest", {"decision": "wait_ticks", "ticks": 5})

    def _has_rust(self) -> bool:
        """Say whether the workers have Rust, once one has looked."""
        while CLERK.toolchain not in (reported := _availabilities()):
            time.sleep(_POLL_SECONDS)
        return reported[CLERK.toolchain]

    def _join(self, builder: Builder) -> None:
        """Let an agent in, unless it is here."""
        try:
            worlds.add_agent(WORLD, builder.agent_id, at=LOCATIONS[0])
        except RefusedError as error:
            if error.record.code != "agent_exists":
                raise

    def _ask(self, builder: Builder) -> Document:
        """Ask for the compile of an example; at first with its mistake, where it has one."""
        files = _sources_of(builder)
        if builder.mistake is None:
            return self._compile(builder, "compile", files)
        right, wrong = builder.mistake
        spoilt = {**files, builder.manifest: files[builder.manifest].replace(right, wrong)}
        self._wait_for(builder, self._compile(builder, "first-try", spoilt))
        return self._compile(builder, "compile", files)

    def _compile(self, builder: Builder, step: str, files: dict[str, str]) -> Document:
        return self._act(
            builder,
            step,
            {
                "decision": _COMPILE,
                "publisher": "self",
                "module_id": builder.module_id,
                "manifest_path": builder.manifest,
                "source_files": files,
                "message_to_user": builder.message,
            },
        )

    def _finish(self, builder: Builder, asked: Document) -> str | None:
        """Wait for a compile and install what it gave; give the hash."""
        compiled = self._wait_for(builder, asked)
        hashes = [event["payload"].get("wasm_hash") for event in compiled["events"]]
        wasm_hash: str | None = next(filter(None, hashes), None)
        if wasm_hash is not None:
            self._install(builder, builder.module_id, wasm_hash, "install")
        return wasm_hash

    def _install(self, builder: Builder, module_id: str, wasm_hash: str, step: str) -> Document:
        return self._act(
            builder,
            step,
            {
                "decision": "install_module_from_artifact",
                "installer": "self",
                "module_id": module_id,
                "module_version": "1.0.0",
                "wasm_hash": wasm_hash,
                "activate": True,
            },
        )

    def _share(self, wasm_hash: str | None) -> None:
        """Let the scout want the mason's module: refused, then published and installed as its own.

        Ownership is what the world's rules turn on, so the story shows it once.
        """
        if wasm_hash is None:
            return
        self._install(SCOUT, "checksum.scout", wasm_hash, "install-before-owning")
        deploy = {
            "decision": "deploy_module_artifact",
            "publisher": "self",
            "wasm_hash": wasm_hash,
            "wasm_bytes_hex": content.get(wasm_hash).hex(),
            "module_id": "checksum.scout",
        }
        self._act(SCOUT, "publish-too", deploy)
        self._install(SCOUT, "checksum.scout", wasm_hash, "install-as-owner")

    def _act(self, builder: Builder, step: str, decision: Document) -> Document:
        """Submit a decision under its own key and report it, unless it was known already."""
        delivery = Delivery(
            world=WORLD,
            agent_id=AgentId(builder.agent_id),
            account=None,
            channel="command",
            body=json.dumps(decision).encode(),
            key=f"demo.{builder.agent_id}.{step}",
        )
        try:
            receipt = receive(delivery)
        except KeyReusedError as error:
            # The example was another one when this step was taken; what was done stays done.
            return get_decision(get_any_world(WORLD), str(error.facts["decision_id"]))
        if not receipt.repeated and receipt.status != "compiling":
            self._report(builder, receipt.document)
        return receipt.document

    def _wait_for(self, builder: Builder, asked: Document) -> Document:
        if asked["status"] != "compiling":
            return asked
        document, world = asked, get_any_world(WORLD)
        while document["status"] == "compiling":
            time.sleep(_POLL_SECONDS)
            document = get_decision(world, asked["id"])
        self._report(builder, document)
        return document

    def _report(self, builder: Builder, document: Document) -> None:
        decision, rejection = document["decision"], document["rejection"]
        about = decision.get("module_id") or decision.get("to") or ""
        what = f"{decision['decision'].split('_')[0]} {about}".strip()
        how = "done" if rejection is None else f"refused: {rejection['message']}"
        self._say(f"demo: {builder.agent_id}: {what}: {how}")

    def _keep_token(self) -> None:
        """Keep a token of one agent for the line that is printed.

        One that was revoked stays so: whoever did that meant it, and gives the agent another.
        """
        token = read_private(self.token_file)
        if token is None:
            issued = add_token(get_any_world(WORLD), MASON.agent_id, By(None, "command"))
            write_private(self.token_file, issued.token)
        elif find_holder(token) is None:
            self._say(
                f"demo: the token in {self.token_file.name} is not valid any more; "
                f"`manage.py replace_token {WORLD} {MASON.agent_id}` gives another."
            )


def _availabilities() -> dict[str, bool]:
    """Give by name whether the workers said that they have a toolchain; empty before any did."""
    return {report["name"]: report["available"] for report in reported_toolchains()}


def _is_ours(world_pk: int) -> bool:
    """Say whether a world begins as the demo world does."""
    place = len(LOCATIONS) + 1
    begun = read_events(world_pk, after=place, limit=1)
    if not begun:
        return False
    event = decode_event(begun[0].body).recorded.event
    return isinstance(event, AgentRegistered) and event.agent_id == MASON.agent_id


def _sources_of(builder: Builder) -> dict[str, str]:
    folder = Path(settings.BASE) / "examples" / builder.folder
    if not (folder / builder.manifest).is_file():
        raise FileNotFoundError(f"there is no {folder / builder.manifest}")
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_leftover(path.relative_to(folder))
    }


def _is_leftover(path: Path) -> bool:
    """Say whether a file is what a compiler left when somebody built the example by hand."""
    return path.parts[0] in {"target", "zig-out", ".zig-cache"} or path.name == "Cargo.lock"
