"""`serve --local-model`, behind `make run-llm`: a real model acts for an agent, for all to see."""

import re
import signal
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.programs import Running, environment, eventually, is_alive, manage

Serve = Callable[[Path, int], Running]


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Give a function that starts the service with the model, and leave nothing of it behind."""
    started: list[Running] = []

    def start(data: Path, model_port: int) -> Running:
        log = tmp_path / f"serve-{len(started)}.log"
        env = environment(data, {"PORT": "0"})
        started.append(Running(env, log, "serve", "--local-model", str(model_port)))
        return started[-1]

    yield start
    for service in started:
        service.make_sure_it_is_gone()


class Browser:
    """Just enough of one: it logs in, and reads pages."""

    def __init__(self, address: str) -> None:
        """Take the address of the service."""
        self._place = urlsplit(address)
        self._cookies: SimpleCookie = SimpleCookie()

    def log_in(self, name: str, password: str) -> None:
        """Fill in the form of the log-in page."""
        self.read("/login/")
        form = {
            "username": name,
            "password": password,
            "csrfmiddlewaretoken": self._cookies["csrftoken"].value,
        }
        assert self._ask("POST", "/login/", urlencode(form))[0] == 302

    def read(self, path: str) -> str:
        """Give a page."""
        status, page = self._ask("GET", path)
        assert status == 200, page
        return page

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection(self._place.hostname or "", self._place.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{c.key}={c.value}" for c in self._cookies.values())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []):
                self._cookies.load(header)
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def run_page_in(service: Running) -> str:
    """Give the path of the run's page that the service printed."""
    assert eventually(lambda: "A model decides" in service.said(), 300), service.said()
    found = re.search(r"http://[^/]+(/worlds/demo/runs/\S+/)\n", service.said())
    assert found is not None, service.said()
    return found[1]


def logged_in(service: Running) -> Browser:
    """Log in as the service said."""
    address = re.search(r"worldsim  (http://\S+)", service.said())
    login = re.search(r"log in    (\S+) / (\S+)", service.said())
    assert address is not None
    assert login is not None
    browser = Browser(address[1])
    browser.log_in(login[1], login[2])
    return browser


def turns_shown(browser: Browser, path: str) -> int:
    """Give how many turns the run's page says were taken."""
    found = re.search(r"(\d+) of \d+", browser.read(path))
    assert found is not None
    return int(found[1])


def stop_well(service: Running) -> None:
    """Stop by Ctrl-C within seconds, and check that nothing is left."""
    family = service.descendants()
    assert service.stop(signal.SIGINT, timeout_s=15) == 0, service.said()
    assert not any(is_alive(pid) for pid in family)


@pytest.mark.needs_llm
def test_a_model_acts_for_an_agent_by_itself_and_a_second_start_goes_on(
    serve: Serve, tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_port()

    first = serve(data, port)
    path = run_page_in(first)
    browser = logged_in(first)
    assert eventually(lambda: turns_shown(browser, path) >= 1, 600), browser.read(path)
    assert "by gemma-3-270m" in browser.read(path)
    assert "apprentice" in browser.read("/worlds/demo/runs/")
    taken = turns_shown(browser, path)
    stop_well(first)

    second = serve(data, port)
    assert run_page_in(second) == path
    browser = logged_in(second)
    assert eventually(lambda: turns_shown(browser, path) > taken, 600), browser.read(path)
    assert "model_unreachable" not in browser.read(path)
    stop_well(second)
    assert manage(data, "verify", "demo").returncode == 0


@pytest.mark.needs_llm
def test_a_port_of_the_model_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = manage(tmp_path, "serve", "--local-model", port, changes={"PORT": "0"})

    assert ended.returncode == 1
    assert f"port {port}: Address already in use. Choose another by --local-model PORT" in (
        ended.stderr
    )
    assert not (tmp_path / "worldsim.sqlite3").exists()


def test_without_its_packages_the_service_says_how_to_get_the_model(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['xllamacpp'] = None"
    (tmp_path / "sitecustomize.py").write_text(hidden, encoding="utf-8")

    changes = {"PORT": "0", "PYTHONPATH": str(tmp_path)}
    ended = manage(tmp_path / "data", "serve", "--local-model", changes=changes)

    assert ended.returncode == 1
    assert "make local-model" in ended.stderr
    assert not (tmp_path / "data" / "worldsim.sqlite3").exists()


def test_the_model_without_the_demo_world_is_wrong_usage(tmp_path: Path) -> None:
    ended = manage(tmp_path, "serve", "--local-model", "--no-demo", changes={"PORT": "0"})

    assert ended.returncode == 2, ended.stderr
    assert "demo world" in ended.stderr
