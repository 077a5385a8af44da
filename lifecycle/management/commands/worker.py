"""`worker`: run compiles, or the turns of agents.

What it does stands in the use cases `queue`, `compile`, `runs` and `upkeep`.
"""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_parent
from lifecycle.management.startup import require_sound_start
from lifecycle.toolchains.results import ToolchainStatus
from lifecycle.usecases.lifeline import die_with_parent
from lifecycle.usecases.queue import run_worker
from lifecycle.usecases.upkeep import RunsUpkeep, Upkeep


class Command(OperatorCommand):
    """Run compiles, or the turns of agents."""

    help = (
        "Run the compiles that agents ask for, in the sandbox, until Ctrl-C or SIGTERM. Running "
        "compiles then go back into the queue. With --agents, take the turns of agents that models "
        "act for instead. Any number of workers, on any number of machines, may share one "
        "database. `make run` starts one of each."
    )
    example = "worker\nworker --agents"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to work on, and the process to live and die with."""
        parser.add_argument(
            "--agents", action="store_true", help="Take agents' turns instead of compiles."
        )
        add_parent(parser)

    def work(self, options: Namespace) -> None:
        """Check, report what this machine can compile, and run."""
        if options.parent is not None:
            die_with_parent(options.parent)
        require_sound_start(self)
        if options.agents:
            self._take_turns()
            return
        upkeep = Upkeep()
        for status in upkeep.begin():
            self.note(_line_of(status))
        run_worker(upkeep.cycle)

    def _take_turns(self) -> None:
        runs = RunsUpkeep()
        runs.begin()
        self.note("worker: takes the turns of agents")
        run_worker(runs.cycle, agents=True)


def _line_of(status: ToolchainStatus) -> str:
    if status.available:
        return f"worker: {status.name} {status.version}"
    return f"worker: no {status.name}: {status.problem}. {status.install_hint or ''}".rstrip()
