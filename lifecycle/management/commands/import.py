"""`import`: take a world in from an export, all of it or nothing."""  # noqa: N999 - the command's name

import sys
from argparse import Namespace
from pathlib import Path

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand
from lifecycle.usecases.importing import Imported, import_world


class Command(OperatorCommand):
    """Take a world in from an export."""

    help = (
        "Take a world in from a file that `export` wrote. Every line is checked; a file that was "
        "changed is refused at the first bad event and leaves nothing behind. Agents get no "
        "tokens: see `replace_token`."
    )
    example = "import harbour.jsonl\nimport harbour.jsonl --as harbour-copy"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the slug."""
        parser.add_argument("file", help="The file to read; - for standard input.")
        parser.add_argument(
            "--as",
            dest="as_slug",
            metavar="SLUG",
            help="The slug here; the world's name if absent.",
        )

    def work(self, options: Namespace) -> None:
        """Read, check, store, and say what came in."""
        imported = _import_from(options.file, options.as_slug)
        if options.json:
            self.tell_json(imported._asdict())
        else:
            self.tell(
                f"Imported {imported.events} events as the world {imported.world}.\n"
                f"head hash     {imported.head_hash}\n"
                f"state digest  {imported.state_digest}"
            )


def _import_from(file: str, as_slug: str | None) -> Imported:
    if file == "-":
        return import_world(sys.stdin.buffer, as_slug=as_slug)
    with Path(file).open("rb") as source:
        return import_world(source, as_slug=as_slug)
