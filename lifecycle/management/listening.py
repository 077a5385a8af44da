"""The socket that the web server listens on, opened before anything else is done."""

import errno
import socket
import time
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from lifecycle.management.command import broken

_BACKLOG: Final = 2048
_PATIENCE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.2


def open_listener() -> socket.socket:
    """Listen on the configured address; port 0 stands for any free one.

    Raises:
        CommandError: the address cannot be had, with the setting that chooses another.
    """
    host, port = settings.ENVIRONMENT.host, settings.ENVIRONMENT.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        family, kind, protocol, _, address = found
        # With the protocol named, asyncio turns Nagle's algorithm off for what is accepted;
        # without, every answer waits 40 ms for the client's delayed acknowledgement.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        raise broken(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use by another program. Choose another, as in: "
            f"PORT={port + 1 if port < 65535 else 8000} make run"  # noqa: PLR2004 - the last port
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has. Choose one above 1023 by PORT."
    return f"Cannot listen on {host} (WORLDSIM_HOST), port {port} (PORT): {error.strerror}."


def address_of(listener: socket.socket) -> str:
    """Give the address that a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 - shown, not bound
    return f"http://{shown}:{port}/"


def wait_until_it_answers(address: str) -> None:
    """Return once a page comes, whatever it says; the web server may need a second or two."""
    parts = urlsplit(address)
    place = (parts.hostname or "", parts.port or 0)
    question = f"HEAD / HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
    while True:
        try:
            with socket.create_connection(place, _PATIENCE_SECONDS) as page:
                page.sendall(question.encode())
                if page.recv(1):
                    return
        except OSError:
            pass  # it is not there yet, or its first process died with our question
        time.sleep(_PAUSE_SECONDS)
