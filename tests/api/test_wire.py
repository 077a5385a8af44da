"""The API as a process, spoken to byte by byte: broken bodies, no length, a kill in between."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.programs import Running, environment, eventually, manage

PATH = "/api/v1/worlds/demo/decisions/"
LIMIT = 4096
WAIT = b'{"decision": "wait"}'


class Service:
    """A web server on a folder of its own, with the demo world and Ada in it."""

    def __init__(self, data: Path, log: Path) -> None:
        self._data, self._log = data, log
        for argv in (("migrate", "-v0"), ("create_world", "demo")):
            made = manage(data, *argv)
            assert made.returncode == 0, made.stderr
        self.token = manage(data, "add_agent", "demo", "ada").stdout.strip()
        self.start()

    def start(self) -> None:
        """Start the server and wait for the port that it chose."""
        changes = {"PORT": "0", "WORLDSIM_MAX_BODY_BYTES": str(LIMIT)}
        self._log.unlink(missing_ok=True)
        self.running = Running(environment(self._data, changes), self._log, "web")
        pattern = re.compile(r"Serving on http://127\.0\.0\.1:(\d+)/")
        assert eventually(lambda: pattern.search(self.running.said()) is not None)
        found = pattern.search(self.running.said())
        assert found is not None
        self.port = int(found[1])
        assert eventually(self._answers)

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/api/v1/worlds/")[0] == 200
        except (OSError, HTTPException):
            return False

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Send a request and give the status and the JSON of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(
                method,
                path,
                body,
                {
                    "Authorization": f"Bearer {self.token}",
                    "Content-Type": "application/json",
                    **given,
                },
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def tick(self) -> int:
        """Give the world's clock."""
        return int(self.ask("GET", "/api/v1/worlds/demo/")[1]["tick"])


class Raw(NamedTuple):
    """An answer as it came over the wire; status 0 where there was none."""

    status: int
    body: bytes


def send_raw(service: Service, headers: list[str], body: bytes, *, hang_up: bool = False) -> Raw:
    """Write a request by hand and read what comes; or hang up after the last byte."""
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {service.token}",
        "Content-Type: application/json",
        "Connection: close",
        *headers,
    ]
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as wire:
        wire.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        if hang_up:
            wire.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    return Raw(int(head.split()[1]) if head else 0, rest)


def chunked(*chunks: bytes) -> bytes:
    """Encode a body without a length."""
    parts = [f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks]
    return b"".join(parts) + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start one server for these tests."""
    folder = tmp_path_factory.mktemp("wire")
    started = Service(folder / "data", folder / "web.log")
    yield started
    started.running.make_sure_it_is_gone()


def test_a_body_without_a_declared_length_is_read(service: Service) -> None:
    before = service.tick()

    answer = send_raw(service, ["Transfer-Encoding: chunked"], chunked(WAIT[:7], WAIT[7:]))

    assert answer.status == 201
    assert service.tick() == before + 1


def test_a_body_without_a_declared_length_is_read_no_further_than_the_limit(
    service: Service,
) -> None:
    before = service.tick()
    body = b'{"decision": "wait", "message_to_user": "' + b"x" * (LIMIT * 8) + b'"}'

    answer = send_raw(
        service, ["Transfer-Encoding: chunked"], chunked(*[body[:20000], body[20000:]])
    )

    assert answer.status == 413
    assert b"body_too_large" in answer.body
    assert service.tick() == before


def test_a_body_longer_than_the_limit_is_413_by_its_length_alone(service: Service) -> None:
    status, problem = service.ask("POST", PATH, b" " * (LIMIT + 1))

    assert (status, problem["code"]) == (413, "body_too_large")
    assert problem["facts"] == {"maximum": LIMIT}
    assert service.ask("POST", PATH, b" " * (LIMIT - len(WAIT)) + WAIT)[0] == 201


def test_a_body_that_breaks_off_does_nothing_even_if_it_reads_well(service: Service) -> None:
    before = service.tick()

    answer = send_raw(service, [f"Content-Length: {len(WAIT) + 50}"], WAIT, hang_up=True)

    assert answer.status in {0, 400}

    assert service.ask("GET", "/api/v1/worlds/demo/")[0] == 200
    assert service.tick() == before


def test_strangers_who_never_end_their_bodies_keep_nobody_waiting(service: Service) -> None:
    cookie = "csrftoken=" + "a" * 32
    request = (
        "POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Cookie: {cookie}\r\n\r\ncsrf"
    )
    with ExitStack() as stack:
        for _ in range(30):
            wire = socket.create_connection(("127.0.0.1", service.port), timeout=20)
            stack.enter_context(wire).sendall(request.encode())

        assert service.ask("POST", PATH, WAIT)[0] == 201


@pytest.mark.parametrize("length", ["-1", "x", "1e3", ""])
def test_a_length_that_is_none_does_nothing(service: Service, length: str) -> None:
    before = service.tick()

    answer = send_raw(service, [f"Content-Length: {length}"], WAIT)

    assert answer.status in {0, 400}
    assert service.tick() == before


def test_a_request_with_no_body_is_malformed(service: Service) -> None:
    answer = send_raw(service, ["Content-Length: 0"], b"")

    assert answer.status == 400
    assert b'"status":"malformed"' in answer.body


def test_no_answer_tells_the_servers_name_or_version(service: Service) -> None:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=20)
    connection.request("GET", "/api/v1/worlds/")
    answer = connection.getresponse()
    headers = dict(answer.getheaders())
    connection.close()

    assert answer.status == 401
    assert "Server" not in {name.title() for name in headers}


def test_e01_a_kill_between_request_and_answer_neither_loses_nor_doubles_a_decision(
    service: Service,
) -> None:
    before = service.tick()
    keys = [f"key-{number}" for number in range(60)]

    def submit(key: str) -> int:
        try:
            return service.ask("POST", PATH, WAIT, Idempotency_Key=key)[0]
        except (OSError, HTTPException, ValueError):
            return 0

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(submit, keys)
        assert next(answers) == 201
        service.running.stop(signal.SIGKILL)
        first = [201, *answers]
    service.start()
    with ThreadPoolExecutor(8) as pool:
        second = list(pool.map(submit, keys))

    assert 0 in first, "the kill came too late to be in between"
    assert set(second) <= {200, 201}
    for one, other in zip(first, second, strict=True):
        assert one != 201 or other == 200, "an answered decision was done again"
    assert service.tick() == before + len(keys)
    report = service.ask("GET", "/api/v1/worlds/demo/verify/")[1]
    assert report["ok"]
