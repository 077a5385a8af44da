"""`web`: serve the pages and the API. The application itself is named in the settings."""

import logging
import socket
from argparse import Namespace
from types import FrameType

import uvicorn
from django.conf import settings
from django.core.management.base import CommandParser

from lifecycle.management.command import OperatorCommand, add_parent
from lifecycle.management.listening import open_listener
from lifecycle.management.startup import require_sound_start
from lifecycle.usecases.lifeline import die_with_parent, stop_serving

_GRACE_SECONDS = 2


class Command(OperatorCommand):
    """Serve the pages and the API."""

    help = (
        "Serve the pages and the API alone, without a worker, on WORLDSIM_HOST and PORT, until "
        "Ctrl-C or SIGTERM. `make run` starts one together with a worker."
    )
    example = "web\nPORT=9000 web"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the socket and the process to live and die with."""
        add_parent(parser)
        parser.add_argument(
            "--fd", type=int, metavar="N", help="Serve on this inherited listening socket."
        )

    def work(self, options: Namespace) -> None:
        """Check, and serve."""
        if options.parent is not None:
            die_with_parent(options.parent)
        require_sound_start(self)
        listener = open_listener() if options.fd is None else socket.socket(fileno=options.fd)
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        if options.fd is None:
            self.note("Serving on http://{}:{}/".format(*listener.getsockname()[:2]))
        _Server(_configuration()).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the streams when it is told to stop, for it waits for every answer to end."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal to stop."""
        stop_serving()
        super().handle_exit(sig, frame)


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        settings.ASGI_APPLICATION.replace(".application", ":application"),
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
