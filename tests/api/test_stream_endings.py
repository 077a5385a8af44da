"""Who is let in to a stream and for how long; what ends it, and what it must not hold up."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.wsgi import get_wsgi_application
from django.db import connections

from lifecycle.api.stream.endpoint import Endpoint
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.tokens import replace_token
from tests.notebook.people import browser_of
from tests.programs import eventually
from tests.service import decide, found_world
from tests.serving import Reader, Web, bearer

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 8.0


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a web server on the tests' database, with room for few streams."""
    del django_db_setup
    started = Web(
        tmp_path_factory.mktemp("web"), WORLDSIM_STREAMS="3", WORLDSIM_STREAMS_OF_CALLER="2"
    )
    yield started
    started.running.make_sure_it_is_gone()


@pytest.fixture
def tokens() -> dict[str, str]:
    """Found the worlds; give the tokens of their agents."""
    return {**found_world("demo", "ada", "bob"), **found_world("other", "eve")}


def session(name: str = "vera", role: Role = Role.VIEWER) -> dict[str, str]:
    """Log a member in; give the header of the session."""
    return {"Cookie": f"sessionid={browser_of(name, role).cookies['sessionid'].value}"}


@pytest.mark.parametrize("headers", [{}, bearer("wst_wrong"), {"Cookie": "sessionid=wrong"}])
def test_a17_nobody_is_let_in_without_a_token_or_a_session(
    web: Web, tokens: dict[str, str], headers: dict[str, str]
) -> None:
    del tokens
    with Reader(web.port, headers) as stream:
        problem = json.loads(stream.rest())

    assert (stream.status, problem["code"]) == (401, "authentication_failed")
    assert stream.headers["www-authenticate"] == 'Bearer realm="worldsim"'


def test_a05_a_foreign_world_is_as_absent_as_an_unknown_one(
    web: Web, tokens: dict[str, str]
) -> None:
    with Reader(web.port, bearer(tokens["eve"])) as foreign:
        answer = foreign.rest()
    with Reader(web.port, bearer(tokens["eve"]), world="nowhere") as unknown:
        assert (foreign.status, answer) == (404, unknown.rest())


def test_a_stream_is_no_other_host_s_and_nothing_but_a_get(
    web: Web, tokens: dict[str, str]
) -> None:
    with Reader(web.port, {**bearer(tokens["ada"]), "Host": "evil.example"}) as stream:
        stream.rest()
    assert stream.status == 400
    for method, status in (("HEAD", 204), ("POST", 405)):
        line = HTTPConnection("127.0.0.1", web.port, timeout=20)
        line.request(method, "/api/v1/worlds/demo/stream/", None, bearer(tokens["ada"]))
        assert line.getresponse().status == status
        line.close()


def revoke_token() -> None:
    replace_token("demo", "ada")


def log_out() -> None:
    Session.objects.all().delete()


def deactivate() -> None:
    User.objects.filter(username="vera").update(is_active=False)


def change_password() -> None:
    vera = User.objects.get(username="vera")
    vera.set_password("another horse battery")
    vera.save()


def remove_from_world() -> None:
    Membership.objects.filter(account__username="vera").delete()


@pytest.mark.parametrize(
    ("end", "reason", "status"),
    [
        (revoke_token, "session_ended", 401),
        (log_out, "session_ended", 401),
        (deactivate, "session_ended", 401),
        (change_password, "session_ended", 401),
        (remove_from_world, "access_ended", 404),
    ],
)
def test_a17_a_stream_ends_soon_after_its_reader_may_read_no_more(
    web: Web, tokens: dict[str, str], end: Callable[[], None], reason: str, status: int
) -> None:
    headers = bearer(tokens["ada"]) if end is revoke_token else session()
    with Reader(web.port, headers) as stream:
        stream.take("ready")
        end()
        began_s = time.monotonic()

        assert stream.take("end").data == {"reason": reason}
        assert time.monotonic() - began_s < SOON_S
        decide("bob", "wait")
        assert stream.next() is None
    with Reader(web.port, headers) as again:
        assert again.status == status


def test_one_caller_gets_so_many_streams_and_all_together_so_many(
    web: Web, tokens: dict[str, str]
) -> None:
    ada, bob = bearer(tokens["ada"]), bearer(tokens["bob"])
    with Reader(web.port, ada), Reader(web.port, ada):
        with Reader(web.port, ada) as third:
            problem = json.loads(third.rest())
        with Reader(web.port, bob) as last:
            assert last.status == 200
            with Reader(web.port, bob) as beyond:
                busy = json.loads(beyond.rest())

    assert (third.status, problem["code"], problem["facts"]) == (
        429,
        "too_many_streams",
        {"open": 2},
    )
    assert (beyond.status, busy["code"]) == (503, "busy")
    assert third.headers["retry-after"] == beyond.headers["retry-after"] == "30"
    assert eventually(lambda: _is_let_in(web, ada)), "what was hung up is free again"


def _is_let_in(web: Web, headers: dict[str, str]) -> bool:
    with Reader(web.port, headers) as stream:
        return stream.status == 200


def test_a_server_that_stops_ends_its_streams_and_is_gone_in_two_seconds(
    web: Web, tokens: dict[str, str]
) -> None:
    with Reader(web.port, bearer(tokens["ada"])) as stream:
        stream.take("ready")
        began_s = time.monotonic()
        web.running.process.send_signal(signal.SIGTERM)

        assert stream.take("end").data == {"reason": "server_stopping"}
        web.running.process.wait(10)
        assert time.monotonic() - began_s < 2
    assert "Cancel" not in web.running.said()
    web.start()


class _Counting(ThreadPoolExecutor):
    """A pool that counts what it is given to do."""

    asked = 0

    def submit(self, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401 - handed on
        self.asked += 1
        return super().submit(*args, **kwargs)


class _Asgi:
    """One who asks for a stream in this process, and reads it or not."""

    def __init__(self, token: str, *, reads: bool = True) -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/worlds/demo/stream/",
            "query_string": b"",
            "scheme": "http",
            "http_version": "1.1",
            "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())],
        }
        self._reads = reads
        self.gone = asyncio.Event()
        self.got = b""
        self._came = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """Say nothing until this one hangs up."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI
        """Take what comes, or the first of it alone."""
        if not self._reads and self.got:
            await asyncio.Future()
        self.got += message.get("body", b"")
        self._came.set()

    async def until(self, text: bytes) -> None:
        """Read until a text has come."""
        async with asyncio.timeout(20):
            while text not in self.got:
                self._came.clear()
                await self._came.wait()


def serve(scenario: Callable[[Endpoint, _Counting], Awaitable[None]]) -> None:
    """Run a scenario in this process, with clients that get a tenth of a second to read."""
    with _Counting(2) as pool:
        endpoint = Endpoint(
            get_wsgi_application(), pool, most=9, most_of_caller=9, read_seconds=0.1
        )
        both = threading.Barrier(2)
        try:
            asyncio.run(asyncio.wait_for(scenario(endpoint, pool), 60))
        finally:
            for ended in [pool.submit(_close_connections, both) for _ in range(2)]:
                ended.result()


def _close_connections(both: threading.Barrier) -> None:
    # Each of the two threads waits for the other, so that none does this twice.
    both.wait(20)
    connections.close_all()


def _decide_elsewhere() -> None:
    decide("bob", "wait")
    connections.close_all()


def test_who_does_not_read_is_given_up_and_holds_nobody_up(tokens: dict[str, str]) -> None:
    async def scenario(endpoint: Endpoint, pool: _Counting) -> None:
        del pool
        idle, quick = _Asgi(tokens["ada"], reads=False), _Asgi(tokens["bob"])
        given_up = asyncio.create_task(endpoint(idle.scope, idle.receive, idle.send))
        served = asyncio.create_task(endpoint(quick.scope, quick.receive, quick.send))
        await idle.until(b"event: ready")
        await quick.until(b"event: ready")
        await asyncio.to_thread(_decide_elsewhere)
        await quick.until(b"id: 5")
        await asyncio.wait_for(given_up, 10)
        assert b"id: 5" not in idle.got
        quick.gone.set()
        await asyncio.wait_for(served, 10)

    serve(scenario)


def test_while_nobody_listens_the_database_is_asked_nothing(tokens: dict[str, str]) -> None:
    async def scenario(endpoint: Endpoint, pool: _Counting) -> None:
        reader = _Asgi(tokens["ada"])
        served = asyncio.create_task(endpoint(reader.scope, reader.receive, reader.send))
        await reader.until(b"event: ready")
        before = pool.asked
        await asyncio.sleep(1)
        while_listening = pool.asked
        reader.gone.set()
        await asyncio.wait_for(served, 10)
        after = pool.asked
        await asyncio.sleep(1)

        assert while_listening > before
        assert pool.asked == after

    serve(scenario)


def test_many_listeners_ask_no_more_than_one(tokens: dict[str, str]) -> None:
    async def scenario(endpoint: Endpoint, pool: _Counting) -> None:
        readers = [_Asgi(tokens["ada"]) for _ in range(9)]
        served = [
            asyncio.create_task(endpoint(reader.scope, reader.receive, reader.send))
            for reader in readers
        ]
        for reader in readers:
            await reader.until(b"event: ready")
        before = pool.asked
        await asyncio.sleep(1)
        # Ten looks a second, and none of the checks that come with every third one.
        asked = pool.asked - before
        for reader in readers:
            reader.gone.set()
        await asyncio.gather(*served)

        assert asked <= 20

    serve(scenario)
