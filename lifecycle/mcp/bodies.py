"""A request's body, read whole and within bounds, and its headers judged: for the address alone.

What stands in a body is the matter of `messages`.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from django.utils.http import parse_header_parameters

from lifecycle.core.events import RejectionRecord
from lifecycle.protocol.shown import shown

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_JSON: Final = "application/json"
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


class GoneError(Exception):
    """The client hung up before its body was whole."""


class BodyError(Exception):
    """A body that is not read; the record says why."""

    def __init__(self, status: int, code: str, field: str | None, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Keep the status and what is told."""
        super().__init__(code)
        self.status = status
        self.record = RejectionRecord(code, field, facts)


def require_json(headers: Mapping[bytes, str]) -> None:
    """Refuse a body that is no JSON in UTF-8, or is compressed.

    Raises:
        BodyError: 415.
    """
    media_type, params = parse_header_parameters(headers.get(b"content-type", ""))
    judged = [
        ("Content-Type", media_type, {_JSON}),
        ("Content-Type", params.get("charset", "utf-8").lower(), _CHARSETS),
        ("Content-Encoding", headers.get(b"content-encoding", "identity").lower(), {"identity"}),
    ]
    for name, received, accepted in judged:
        if received not in accepted:
            told = ["utf-8"] if accepted is _CHARSETS else sorted(accepted)
            facts = {"received": shown(received), "accepted": told}
            raise BodyError(415, "unsupported_media_type", name, **facts)


async def read_body(headers: Mapping[bytes, str], receive: Receive, *, maximum: int) -> bytes:
    """Read a body of at most `maximum` bytes.

    Raises:
        BodyError: 413, it is longer.
        GoneError: it will never be whole.
    """
    declared = headers.get(b"content-length", "")
    too_large = declared.isdecimal() and int(declared) > maximum
    body = bytearray()
    more = not too_large
    while more and len(body) <= maximum:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body += message.get("body", b"")
        more = bool(message.get("more_body", False))
    if too_large or len(body) > maximum:
        raise BodyError(413, "body_too_large", None, maximum=maximum)
    return bytes(body)


class Replayed:
    """Hands out a body, and then whatever else the client does."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        """Hold the body, and what says how it goes on."""
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        """Give the next message of the connection."""
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
