"""`local_model`: serve a small language model on this machine, for agents and for trying out."""

import signal
from argparse import ArgumentTypeError, Namespace
from pathlib import Path

from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_parent, broken, port_in, usage
from lifecycle.management.model_server import (
    ModelRequest,
    ModelServerError,
    ServedModel,
    cores_to_spare,
    leave,
    start_model,
)
from lifecycle.usecases.lifeline import die_with_parent

_STOPS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class Command(OperatorCommand):
    """Serve a local model."""

    help = (
        "Serve a language model behind an OpenAI-compatible API on 127.0.0.1, by llama.cpp and on "
        "the CPU, until Ctrl-C or SIGTERM. Prints its base URL and its name once it answers. "
        "Without --model it is Gemma 3 270M, under Google's Gemma terms of use: a base model that "
        "answers well only under a JSON Schema. It needs the optional packages: "
        ".venv/bin/pip install -r requirements-llm.txt"
    )
    example = "local_model --port 8081\nlocal_model --model qwen3-4b.gguf --context 16384"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port, the model, its bounds, and the process to live and die with."""
        parser.add_argument(
            "--port", type=port_in, default=0, metavar="N", help="0, the default: any free one."
        )
        parser.add_argument(
            "--model", type=Path, metavar="FILE", help="A GGUF file instead of the packaged model."
        )
        parser.add_argument(
            "--context",
            type=_positive,
            default=8192,
            metavar="N",
            help="Tokens of a request's prompt and answer together. Default: 8192.",
        )
        parser.add_argument(
            "--threads",
            type=_positive,
            default=cores_to_spare(),
            metavar="N",
            help="Cores to compute on. Default: all but one, here %(default)s.",
        )
        parser.add_argument(
            "--slots",
            type=_positive,
            default=2,
            metavar="N",
            help="Requests answered at the same time; others wait. Default: 2.",
        )
        add_parent(parser)

    def work(self, options: Namespace) -> None:
        """Serve until told to stop."""
        if options.parent is not None:
            die_with_parent(options.parent)
        if options.model is not None and not options.model.is_file():
            raise usage(f"There is no file {options.model}.")
        wanted = ModelRequest(
            options.model, options.port, options.context, options.threads, options.slots
        )
        # Held for `sigwait`, in this thread and in those of llama.cpp that are to come.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        served = _start(wanted)
        self.tell(f"base URL  {served.base_url}\nmodel     {served.name}")
        self.stdout.flush()
        signal.sigwait(_STOPS)
        leave()


def _start(wanted: ModelRequest) -> ServedModel:
    try:
        return start_model(wanted)
    except ModelServerError as error:
        raise broken(str(error)) from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("at least 1")
    return number
