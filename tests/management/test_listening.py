"""The listening socket: what is accepted from it answers at once."""

import socket

import pytest
from django.conf import settings

from lifecycle.management.listening import open_listener


def test_what_is_accepted_is_known_as_tcp_so_that_no_answer_waits_for_an_acknowledgement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free_port = settings.ENVIRONMENT.model_copy(update={"port": 0})
    monkeypatch.setattr(settings, "ENVIRONMENT", free_port)

    with (
        open_listener() as listener,
        socket.create_connection(listener.getsockname()[:2]),
    ):
        accepted, _ = listener.accept()
        accepted.close()

    # asyncio turns Nagle's algorithm off for sockets of this protocol, and only for these.
    assert accepted.proto == socket.IPPROTO_TCP
