"""The network address that a request is counted under. What is counted is not decided here."""

import ipaddress
from typing import Final

# One customer of a provider has a whole network of this size, and so as many addresses as wanted.
_IPV6_PREFIX: Final = 64


def client_address(connected: str, forwarded: str, *, proxies: int) -> str:
    """Give the address of a client, behind so many proxies of our own.

    Each proxy adds whom it saw at the end of ``X-Forwarded-For``. What stands before the entries of
    our own proxies is the client's to invent, and is not believed.

    Args:
        connected: Who opened the connection to us.
        forwarded: The header, or an empty text.
        proxies: How many proxies of ours a request passes.
    """
    chain = [*(part.strip() for part in forwarded.split(",") if part.strip()), connected]
    return _network_of(chain[max(0, len(chain) - 1 - proxies)]) or _network_of(connected) or ""


def _network_of(text: str) -> str | None:
    bare = text.strip("[]") if text.count(":") != 1 else text.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _IPV6_PREFIX), strict=False))
