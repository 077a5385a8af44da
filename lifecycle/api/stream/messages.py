"""Messages of a stream, as the bytes that go over the wire. When one is sent is not said here.

The format is that of server-sent events in the HTML standard.
"""

from typing import Any, Final

import orjson

RETRY_MS: Final = 1000
HEARTBEAT: Final = b":\n\n"
RETRY: Final = b"retry: %d\n\n" % RETRY_MS


def message(event: str, data: dict[str, Any], *, seq: int | None = None) -> bytes:
    """Give a message; with `seq`, a client that comes back is told what came after it."""
    # JSON has no line ends of its own, so one `data` line holds all of it.
    place = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (place, event.encode(), orjson.dumps(data))


def ready(world: str, *, after: int, head_seq: int) -> bytes:
    """Say from where on events follow."""
    return message("ready", {"world": world, "after": after, "head_seq": head_seq}, seq=after)


def reset(reason: str, head_seq: int) -> bytes:
    """Say that what came between is not sent: the state is to be read anew, as of the head."""
    return message("reset", {"reason": reason, "head_seq": head_seq}, seq=head_seq)


def changed(parts: list[str], head_seq: int) -> bytes:
    """Say that something changed which is no event."""
    return message("changed", {"parts": parts, "head_seq": head_seq})


def presence(people: list[str]) -> bytes:
    """Say who looks at the world now."""
    return message("presence", {"people": people})


def end(reason: str) -> bytes:
    """Say why nothing follows."""
    return message("end", {"reason": reason})
