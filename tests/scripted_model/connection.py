"""The sockets of the scripted model: reads requests, sends answers in their manner, ends them.

Nothing here knows what a completion is.
"""

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer, ThreadingTCPServer
from typing import Final, TypeAlias, cast

from tests.scripted_model.answers import Answer, Drop, Endless
from tests.scripted_model.received import Received
from tests.scripted_model.wire import body_of, steps_of

Headers: TypeAlias = tuple[tuple[str, str], ...]
Request: TypeAlias = socket.socket | tuple[bytes, socket.socket]
Answering: TypeAlias = Callable[[str, str, Headers, bytes], tuple[Answer, Received]]

# How often the accepting thread looks whether it shall end, where nothing wakes it.
POLL_S: Final = 0.05
# On, and no time: what was not sent is thrown away, and the other side gets a reset.
LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Listener(ThreadingTCPServer):
    """Accepts connections, each in a thread, until it is closed.

    Args:
        address: Host and port; port 0 lets the system choose.
        answering: Gives the answer to a request, by method, path, headers and body.
        broken: Is told of a fault of the server's own.

    Raises:
        OSError: The port is taken.
    """

    allow_reuse_address = True
    # Closing waits for every thread, so that none outlives a test.
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], answering: Answering, broken: Callable[[str], None]
    ) -> None:
        self.stopping = threading.Event()
        self._broken = broken
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, partial(_Exchange, self, answering))
        self.port = self.server_address[1]
        self._accepting = threading.Thread(target=self.serve_forever, args=(POLL_S,), daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """End the accepting, every connection and every wait; then wait for the threads."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        # Wakes the accepting thread on Linux; elsewhere it looks by itself.
        _hang_up(self.socket)
        self.shutdown()
        self._accepting.join()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)
        self.server_close()

    def reset_at_end(self, connection: socket.socket) -> None:
        """Let a connection end by a reset."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        with self._lock:
            self._to_reset.add(connection)

    def process_request(self, request: Request, client_address: object) -> None:
        """Remember a connection before its thread starts, so that closing finds it."""
        with self._lock:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: Request) -> None:
        """End a connection whose thread is done with it."""
        connection = cast("socket.socket", request)
        with self._lock:
            self._open.discard(connection)
            reset = connection in self._to_reset
            self._to_reset.discard(connection)
        if not reset:
            _hang_up(connection)
        connection.close()

    def handle_error(self, request: Request, client_address: object) -> None:
        """Remember what went wrong, but for clients that hung up, and for our own closing."""
        del request, client_address
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self._broken(f"The server failed: {type(error).__name__}: {error}")


class _Exchange(BaseHTTPRequestHandler):
    """The requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; the second must not wait for the first one's receipt.
    disable_nagle_algorithm = True

    def __init__(
        self,
        listener: Listener,
        answering: Answering,
        request: Request,
        client_address: object,
        server: BaseServer,
    ) -> None:
        self._listener = listener
        self._answering = answering
        super().__init__(request, client_address, server)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet: what arrived is kept with the server."""

    def exchange(self) -> None:
        """Read one request, and send the answer to it in its manner."""
        body = self._read()
        headers = tuple(self.headers.items())
        answer, request = self._answering(self.command, self.path, headers, body)
        self._wait(answer.delivery.stall_s)
        drop = answer.delivery.drop
        if drop is None or drop.after_bytes is not None:
            self._send(answer, request)
        if drop is not None:
            self._end(drop)

    def _read(self) -> bytes:
        """Read a request's body; a chunked one is left, and ends the connection."""
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return b""
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("The client hung up in its own request.")
        return body

    def _send(self, answer: Answer, request: Received) -> None:
        body = body_of(answer, request)
        self._send_head(answer, body)
        for step in steps_of(answer, body):
            if isinstance(step, bytes):
                self.wfile.write(step)
            else:
                self._wait(step)

    def _send_head(self, answer: Answer, body: bytes) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers:
            self.send_header(name, value)
        if isinstance(answer.payload, Endless):
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()

    def _end(self, drop: Drop) -> None:
        self.close_connection = True
        if drop.reset:
            self._listener.reset_at_end(self.connection)

    def _wait(self, seconds: float) -> None:
        """Let time pass, unless the server is closing."""
        if seconds and self._listener.stopping.wait(seconds):
            raise ConnectionAbortedError("The server is closing.")


def _hang_up(connection: socket.socket) -> None:
    """Tell the other side that this one is done, if it still listens."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


# The library looks for a method of this name; which of them are served, the server says.
for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Exchange, f"do_{_method}", _Exchange.exchange)
