"""`export`: write a whole world to a file that proves itself (docs/export-format.md)."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.export import export_world


class Command(OperatorCommand):
    """Write a whole world to a file."""

    help = (
        "Write a world with all its events and their content as JSON Lines, as of one moment, "
        "while others go on writing. The file appears whole or not at all; `import` takes it in "
        "again, here or elsewhere."
    )
    example = "export harbour harbour.jsonl\nexport harbour | zstd > harbour.jsonl.zst"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the file."""
        add_world(parser)
        parser.add_argument(
            "file", nargs="?", default="-", help="The file to write; - or nothing for stdout."
        )

    def work(self, options: Namespace) -> None:
        """Write the lines."""
        if options.file == "-":
            for line in export_world(options.world):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        path = Path(options.file)
        size = write_whole(options.world, path)
        self.note(f"Wrote {options.world} to {path} ({size} bytes).")


def write_whole(world: str, path: Path) -> int:
    """Write a world's export beside the file, then put it in the file's place.

    Returns:
        The length in bytes.

    Raises:
        OSError: the folder cannot be written to; what was at the path stays.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            for line in export_world(world):
                draft.write(line)
            draft.flush()
            os.fsync(draft.fileno())
            # The draft was its owner's alone; the file gets what any new file would.
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(draft.fileno(), 0o666 & ~mask)
            size = draft.tell()
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    return size
