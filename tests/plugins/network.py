"""Keeps the tests off the network: only this machine itself can be reached.

An audit hook sees what monkeypatching a class misses, and cannot be taken off
again. It covers Python's own sockets; a program that a test starts, and libpq,
answer for themselves. Nothing else belongs here.
"""

import ipaddress
import os
import sys

LOCAL_NAMES = frozenset({"", "localhost"})
CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


class NetworkBlockedError(Exception):
    """A test tried to leave this machine."""


def is_local(host: object) -> bool:
    """Tell whether a host, a name or a written address, is this machine.

    Args:
        host: As the socket module takes it; None and "" mean this machine.
    """
    if host is None:
        return True
    name = os.fsdecode(host) if isinstance(host, str | bytes) else str(host)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in LOCAL_NAMES


def host_of(address: object) -> object:
    """Give the host of a socket's address; a path (a Unix socket) has none."""
    return address[0] if isinstance(address, tuple) else None


def refuse_strangers(event: str, args: tuple[object, ...]) -> None:
    """Raise NetworkBlockedError for an audited call that leaves this machine."""
    if event in CONNECTING:
        host = host_of(args[1])
    elif event in RESOLVING:
        host = args[0]
    else:
        return
    if not is_local(host):
        message = f"Tests stay on this machine, and this one called for {host!r}."
        raise NetworkBlockedError(message)


sys.addaudithook(refuse_strangers)
