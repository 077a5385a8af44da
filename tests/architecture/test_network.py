"""The tests cannot leave this machine."""

import socket

import pytest

from tests.plugins.network import NetworkBlockedError

# Set aside for documentation (RFC 5737, RFC 3849): nothing answers there.
STRANGERS = [("192.0.2.1", 80), ("2001:db8::1", 80), ("example.org", 80)]


@pytest.mark.parametrize("address", STRANGERS)
def test_a_connection_to_another_machine_is_refused(address: tuple[str, int]) -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(address, timeout=1)


def test_a_datagram_to_another_machine_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(NetworkBlockedError),
    ):
        sender.sendto(b"hello", ("192.0.2.1", 9))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_can_be_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as made:
            assert made.getpeername() == ("127.0.0.1", port)
