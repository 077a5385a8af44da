"""What every command has in common: help with an example, `--json`, faults in one line.

Exit status: 0 done, 1 refused or found broken, 2 wrong usage. No verb of the service belongs here.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.base import DjangoHelpFormatter as Formatter
from django.db import DatabaseError

from lifecycle.content.store import ContentError
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import InvalidParameterError, RefusedError, UseCaseError
from lifecycle.usecases.importing import ImportRefusedError

BROKEN: Final = 1
USAGE: Final = 2
_INTERRUPTED: Final = 130
_LAST_PORT: Final = 65535

_SETTINGS: Final = re.compile(r"^(?:[A-Z_]+=\S+ )*")


class _ExampleFormatter(Formatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the example as they are written."""


class OperatorCommand(BaseCommand):
    """A command of an operator; subclasses write `work`, and raise what use cases raise.

    Attributes:
        example: Shown at the end of `--help`, one command a line.
        prints_facts: Whether it takes `--json`.
    """

    example: ClassVar[str] = ""
    prints_facts: ClassVar[bool] = False
    # The server's and the worker's start checks all; a short command should answer at once.
    requires_system_checks = []  # noqa: RUF012 - as Django declares it

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: object) -> CommandParser:
        """Add the example and `--json`."""
        kwargs.setdefault("formatter_class", _ExampleFormatter)
        if self.example:
            kwargs.setdefault("epilog", f"example:\n{_indented(self.example)}")
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if self.prints_facts:
            parser.add_argument("--json", action="store_true", help="Print the facts as JSON.")
        return parser

    def execute(self, *args: object, **options: object) -> str | None:
        """Run, and on the command line say a fault in one line without a traceback."""
        try:
            with _faults_in_words():
                return super().execute(*args, **options)
        except CommandError as error:
            if not self._is_a_process():
                raise
            self._leave(str(error), error.returncode)
        except KeyboardInterrupt:
            if not self._is_a_process():
                raise
            sys.exit(_INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has enough of it; the interpreter must not flush into it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(BROKEN)

    def _is_a_process(self) -> bool:
        return bool(getattr(self, "_called_from_command_line", False))

    def _leave(self, sentence: str, status: int) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(status)

    def handle(self, *_: object, **options: object) -> None:
        """Hand the options over as attributes."""
        self.work(argparse.Namespace(**options))

    def work(self, options: argparse.Namespace) -> None:
        """Do what the command is for."""
        raise NotImplementedError

    def tell(self, text: str) -> None:
        """Write a line to standard output."""
        self.stdout.write(text)

    def note(self, text: str) -> None:
        """Write a line to standard error, where it does not mix with what others read."""
        self.stderr.write(text, lambda line: line)

    def tell_json(self, document: Mapping[str, Any]) -> None:
        """Write a document to standard output."""
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))


def broken(sentence: str) -> CommandError:
    """Make the error of something refused or found broken: exit status 1."""
    return CommandError(sentence, returncode=BROKEN)


def usage(sentence: str) -> CommandError:
    """Make the error of wrong usage: exit status 2."""
    return CommandError(sentence, returncode=USAGE)


def add_world(parser: CommandParser) -> None:
    """Take the world's slug as the first argument."""
    parser.add_argument("world", help="The world's slug.")


def add_agent_id(parser: CommandParser) -> None:
    """Take an agent's id as the next argument."""
    parser.add_argument("agent", help="The agent's id.")


def port_in(text: str) -> int:
    """Read a port from the command line; 0 stands for a free one."""
    port = int(text)
    if not 0 <= port <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is 0 to {_LAST_PORT}")
    return port


def add_parent(parser: CommandParser) -> None:
    """Take the process that this one is to end with; `serve` names itself."""
    parser.add_argument(
        "--parent", type=int, metavar="PID", help="End when this process, the parent, ends."
    )


def _indented(lines: str) -> str:
    # A line may begin with settings, which stand before any command.
    return "\n".join(
        _SETTINGS.sub(r"  \g<0>manage.py ", line, count=1) for line in lines.splitlines()
    )


@contextmanager
def _faults_in_words() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except (UseCaseError, RefusedError) as error:
        raise _worded(error) from error
    except WorldNotFoundError as error:
        raise broken(f'There is no world "{error.slug[:80]}".') from error
    except (JournalBrokenError, ImportRefusedError) as error:
        raise broken(_sentence(str(error))) from error
    except ContentError as error:
        raise broken(_sentence(str(error))) from error
    except DatabaseError as error:
        raise broken(_database_sentence(error)) from error
    except OSError as error:
        raise broken(f"{error.strerror or error}: {error.filename or 'input or output'}") from error


def _worded(error: UseCaseError | RefusedError) -> CommandError:
    if isinstance(error, RefusedError):
        code, field, facts = error.record.code, error.record.field, error.record.facts
    else:
        code, field, facts = error.code, error.field, error.facts
    if isinstance(error, InvalidParameterError) and "accepted" not in facts:
        facts = {**facts, "accepted": ", ".join(f"{name} {value}" for name, value in facts.items())}
    wording = describe(code, field, facts)
    return broken(f"{wording.message} {wording.hint}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _database_sentence(error: DatabaseError) -> str:
    said = " ".join(str(error).split())
    if "no such table" in said or "does not exist" in said:
        return "The store has no tables yet: run `manage.py migrate` first, or `make run`."
    return f"The store did not answer: {said}."
