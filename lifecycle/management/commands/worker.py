"""`worker`: run compiles. What it does stands in the use cases `queue`, `compile` and `upkeep`."""

from argparse import Namespace

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_parent
from lifecycle.management.startup import require_sound_start
from lifecycle.toolchains.results import ToolchainStatus
from lifecycle.usecases.lifeline import die_with_parent
from lifecycle.usecases.queue import run_worker
from lifecycle.usecases.upkeep import Upkeep


class Command(OperatorCommand):
    """Run compiles."""

    help = (
        "Run the compiles that agents ask for, in the sandbox, until Ctrl-C or SIGTERM. Running "
        "compiles then go back into the queue. Any number of workers, on any number of machines, "
        "may share one database. `make run` starts one."
    )
    example = "worker\nworker --help"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the process to live and die with."""
        add_parent(parser)

    def work(self, options: Namespace) -> None:
        """Check, report what this machine can compile, and run."""
        if options.parent is not None:
            die_with_parent(options.parent)
        require_sound_start(self)
        upkeep = Upkeep()
        for status in upkeep.begin():
            self.note(_line_of(status))
        run_worker(upkeep.cycle)


def _line_of(status: ToolchainStatus) -> str:
    if status.available:
        return f"worker: {status.name} {status.version}"
    return f"worker: no {status.name}: {status.problem}. {status.install_hint or ''}".rstrip()
