"""`state`: the state of a world, now or as of an earlier event."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.codec.state import document_of
from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.timetravel import StateAt, state_at


class Command(OperatorCommand):
    """Print the state of a world."""

    help = (
        "Replay a world's journal and print the state that it gives, with its digest; with --at "
        "the state as it was after that event."
    )
    example = "state harbour\nstate harbour --at 12 --json"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the place in its journal."""
        add_world(parser)
        parser.add_argument(
            "--at", type=int, metavar="SEQ", help="After this event; the last one if absent."
        )

    def work(self, options: Namespace) -> None:
        """Replay and print."""
        replayed = state_at(options.world, options.at)
        if options.json:
            self.tell_json(
                {
                    "world": replayed.world,
                    "seq": replayed.seq,
                    "head_seq": replayed.head_seq,
                    "state_digest": replayed.digest,
                    "state": document_of(replayed.state),
                }
            )
        else:
            self.tell("\n".join(_lines_of(replayed)))


def _lines_of(replayed: StateAt) -> list[str]:
    state = replayed.state
    lines = [
        f"world         {replayed.world}, after event {replayed.seq} of {replayed.head_seq}",
        f"tick          {state.tick}",
        f"state digest  {replayed.digest}",
        f"locations     {', '.join(sorted(state.locations)) or 'none'}",
        "agents",
    ]
    lines += [
        f"  {agent_id}, {'nowhere' if agent.location_id is None else 'at ' + agent.location_id}"
        for agent_id, agent in sorted(state.agents.items())
    ]
    lines.append("artifacts")
    lines += [
        f"  {wasm_hash}  {artifact.bytes_len} bytes, owned by {', '.join(sorted(artifact.owners))}"
        for wasm_hash, artifact in sorted(state.module_artifacts.items())
    ]
    lines.append("installed modules")
    lines += [
        f"  {module_id} {module.module_version}  {module.wasm_hash[:12]}… by"
        f" {module.installer}{'' if module.active else ', not active'}"
        for module_id, module in sorted(state.installed_modules.items())
    ]
    return lines
