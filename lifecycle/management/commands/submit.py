"""`submit`: hand in one decision for an agent, as the API would take it."""

import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from lifecycle.access.callers import get_any_world
from lifecycle.core.ids import AgentId
from lifecycle.management.command import OperatorCommand, add_agent_id, add_world, broken, usage
from lifecycle.usecases.queries.decisions import get_decision
from lifecycle.usecases.receive import Delivery, receive

_POLL_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 5.0


class Command(OperatorCommand):
    """Submit one decision for an agent."""

    help = (
        "Submit one decision for an agent and print what became of it. Exit status 1 when it is "
        "malformed, refused, or its compile fails."
    )
    example = (
        "submit harbour scout decision.json --wait\n"
        'submit harbour scout - <<< \'{"decision": "wait_ticks", "ticks": 3}\''
    )
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take world, agent, file and how to submit."""
        add_world(parser)
        add_agent_id(parser)
        parser.add_argument("file", help="JSON of the decision; - for standard input.")
        parser.add_argument(
            "--text", action="store_true", help="The file is a model's reply: find the JSON in it."
        )
        parser.add_argument(
            "--key", help="Idempotency key: the same key gives the first answer again."
        )
        parser.add_argument("--dry-run", action="store_true", help="Judge, and record nothing.")
        parser.add_argument("--wait", action="store_true", help="Wait until a compile has ended.")

    def work(self, options: Namespace) -> None:
        """Submit, wait where asked to, print, and fail where it was refused."""
        if options.dry_run and (options.key or options.wait):
            raise usage("--dry-run records nothing: leave out --key and --wait.")
        document = _submitted(options, _read(options.file))
        if options.wait and document["status"] == "compiling":
            document = self._wait(options.world, document["id"])
        if options.json:
            self.tell_json(document)
        else:
            self.tell("\n".join(lines_of(document)))
        if document["status"] in {"rejected", "malformed"}:
            raise _refusal(document)

    def _wait(self, world: str, decision_id: str) -> dict[str, Any]:
        """Look until the compile has ended, and say why it takes so long where it does."""
        seen = get_any_world(world)
        impatient_at_s = time.monotonic() + _PATIENCE_SECONDS
        while (document := get_decision(seen, decision_id))["status"] == "compiling":
            if time.monotonic() > impatient_at_s:
                self.note("Still compiling. Is a worker running? `manage.py worker` starts one.")
                impatient_at_s = float("inf")
            time.sleep(_POLL_SECONDS)
        return document


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _submitted(options: Namespace, body: bytes) -> dict[str, Any]:
    delivery = Delivery(
        world=options.world,
        agent_id=AgentId(options.agent),
        account=None,
        channel="command",
        body=body,
        text_reply=options.text,
        key=options.key,
        rehearsal=options.dry_run,
    )
    return receive(delivery).document


def lines_of(document: dict[str, Any]) -> list[str]:
    """Give a decision's document as lines for people."""
    lines = [f"{document['status']}  {document['id'] or '(dry run: nothing was recorded)'}"]
    lines += [f"repaired  {repair}" for repair in document["repairs"]]
    for event in document["events"]:
        place = "" if event["seq"] is None else f"{event['seq']}  "
        lines.append(f"event  {place}{event['kind']}{_wasm_hash_in(event['payload'])}")
    for told in document["diagnostics"]:
        place = ":".join(str(told[part]) for part in ("file", "line", "column") if told[part])
        lines.append(f"{place or 'compiler'}: {told['severity']}: {told['message']}")
    return lines


def _wasm_hash_in(payload: dict[str, Any]) -> str:
    return f"  {payload['wasm_hash']}" if "wasm_hash" in payload else ""


def _refusal(document: dict[str, Any]) -> CommandError:
    rejection = document["rejection"]
    return broken(f"{rejection['message']} {rejection['hint']} ({rejection['code']})")
