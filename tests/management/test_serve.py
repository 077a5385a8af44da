"""`serve`: the whole service in one terminal, from the first start on."""

import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.programs import Running, environment, eventually, is_alive, manage

Serve = Callable[..., Running]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Give a function that starts the service on a folder, and leave nothing of it behind."""
    started: list[Running] = []

    def start(data: Path, *argv: str) -> Running:
        log = tmp_path / f"serve-{len(started)}.log"
        started.append(Running(environment(data, {"PORT": "0"}), log, "serve", *argv))
        return started[-1]

    yield start
    for service in started:
        service.make_sure_it_is_gone()


def says(service: Running, text: str, within_s: float = 90) -> bool:
    """Wait until the service has said something."""
    return eventually(lambda: text in service.said(), within_s)


def address_in(service: Running) -> str:
    """Give the address that the service printed."""
    assert says(service, "worldsim  http://"), service.said()
    found = re.search(r"worldsim  (http://\S+)", service.said())
    assert found is not None
    return found[1]


def status_of(address: str) -> int:
    """Ask for the first page; give the answer's status."""
    parts = urlsplit(address)
    page = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        page.request("GET", "/")
        return page.getresponse().status
    finally:
        page.close()


def all_gone(pids: list[int]) -> bool:
    """Wait until none of some processes runs."""
    return eventually(lambda: not any(is_alive(pid) for pid in pids), within_s=10)


def one_that_runs(service: Running, command: str) -> int:
    """Give the service's child that runs a command, once it does."""
    found: list[int] = []

    def look() -> bool:
        words = {pid: _words_of(pid) for pid in service.descendants()}
        found[:] = [pid for pid, argv in words.items() if command in argv]
        return bool(found)

    assert eventually(look), service.said()
    return found[0]


def _words_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    except OSError:
        return []


def test_a_first_start_that_is_cut_off_goes_on_and_later_ones_change_nothing(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    cut_off = serve(data)
    assert says(cut_off, "\ndemo: "), cut_off.said()
    family = cut_off.descendants()
    cut_off.stop(signal.SIGKILL)
    assert all_gone(family)

    first = serve(data)
    assert says(first, "Submit a decision:"), first.said()
    require_that_it_works(first, data)
    events = stop_well(first, data)

    second = serve(data)
    assert says(second, "Submit a decision:"), second.said()
    assert f"World demo: {events} events" in second.said()
    assert "\ndemo: " not in second.said()
    assert login_in(second) == login_in(first)
    assert stop_well(second, data) == events


def require_that_it_works(service: Running, data: Path) -> None:
    """Check the page, the printed command, and that the secrets are nobody else's to read."""
    assert status_of(address_in(service)) in {200, 302}
    printed = re.search(r"\n  (curl .*)\n", service.said())
    assert printed is not None
    answered = subprocess.run(
        ["bash", "-c", f"{printed[1]} --silent"], capture_output=True, text=True, check=True
    )
    assert '"status":"applied"' in answered.stdout.replace(" ", "")
    for secret in ("first-login", "demo-token", "secret-key"):
        assert stat.S_IMODE((data / secret).stat().st_mode) == 0o600
    assert f"admin / {(data / 'first-login').read_text().strip()}" in service.said()


def login_in(service: Running) -> str:
    """Give the log-in that the service printed."""
    found = re.search(r"log in    (.+)", service.said())
    assert found is not None
    return found[1]


def stop_well(service: Running, data: Path) -> int:
    """Stop by Ctrl-C, check that nothing is left, and give the demo world's number of events."""
    family = service.descendants()
    assert service.stop(signal.SIGINT, timeout_s=20) == 0, service.said()
    assert not any(is_alive(pid) for pid in family)
    verified = manage(data, "verify", "demo")
    assert verified.returncode == 0, verified.stderr
    found = re.search(r"of (\d+)\n", verified.stdout)
    assert found is not None
    return int(found[1])


def test_a_child_that_dies_is_started_again(serve: Serve, store: Path) -> None:
    service = serve(store, "--no-demo")
    address = address_in(service)

    os.kill(one_that_runs(service, "web"), signal.SIGKILL)
    os.kill(one_that_runs(service, "worker"), signal.SIGKILL)

    assert says(service, "The web server ended (killed by signal 9); it starts again in")
    assert says(service, "The worker ended (killed by signal 9); it starts again in")
    assert status_of(address) in {200, 302}
    one_that_runs(service, "worker")


def test_a_second_ctrl_c_stops_at_once(serve: Serve, store: Path) -> None:
    service = serve(store, "--no-demo")
    address_in(service)
    family = service.descendants()
    os.kill(one_that_runs(service, "worker"), signal.SIGSTOP)

    service.process.send_signal(signal.SIGINT)
    assert says(service, "Ctrl-C again stops at once")
    status = service.stop(signal.SIGINT, timeout_s=5)

    assert status == 130
    assert all_gone(family)


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = manage(tmp_path / "data", "serve", changes={"PORT": str(port)})

    assert done.returncode == 1
    assert f"Port {port} is in use by another program. Choose another" in done.stderr
    assert "PORT=" in done.stderr
    assert not (tmp_path / "data" / "worldsim.sqlite3").exists()


def test_a_password_that_was_changed_is_printed_no_more(serve: Serve, store: Path) -> None:
    first = serve(store, "--no-demo")
    address_in(first)
    first.stop()
    change = (
        "from django.contrib.auth.models import User;"
        "account = User.objects.get(); account.set_password('another'); account.save()"
    )
    assert manage(store, "shell", "-c", change).returncode == 0

    second = serve(store, "--no-demo")

    address_in(second)
    assert (
        login_in(second) == "admin, with your password (forgotten? manage.py changepassword admin)"
    )
    assert not (store / "first-login").exists()
