"""The scripted model as a program: ``python -m tests.scripted_model --port N --script FILE``.

It prints its base URL, serves until it is interrupted, then tells what was wrong with the
requests; the exit status is 1 where anything was.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.scripted_model.script_files import ScriptFileError, read_script
from tests.scripted_model.server import ScriptedModel


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a script; give the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        script = read_script(asked.script)
    except ScriptFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ScriptedModel(*script, after=asked.after, port=asked.port) as model:
        sys.stdout.write(f"{model.base_url}\n")
        sys.stdout.flush()
        ended.wait()
    for fault in model.faults:
        sys.stderr.write(f"request {fault.request_number}: {fault.message}\n")
    return 1 if model.faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.scripted_model",
        description="An OpenAI-compatible server that says what a script tells it to say.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--script", type=Path, required=True, help="a .json or .py file")
    parser.add_argument(
        "--after",
        choices=("fault", "repeat"),
        default="fault",
        help="what follows the last answer: an error, or the same again",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
