"""The README's commands do what it says, run word for word against a service just started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
START_SECONDS = 120


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def service(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start what `make run` starts, with a demo world; give the environment to speak to it."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "WORLDSIM_DATA": str(tmp_path),
        "PORT": str(free_port()),
    }
    log = (tmp_path / "serve.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_until_ready(environment["PORT"], tmp_path / "demo-token")
        yield environment
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


def wait_until_ready(port: str, token: Path) -> None:
    """Wait until the service answers and the demo agent's token is there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5):
                if token.exists():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError("the service did not start")


def test_the_readme_commands_run_word_for_word(service: dict[str, str], tmp_path: Path) -> None:
    script = "\n".join(BLOCKS)
    script = script.replace("localhost:8000", f"127.0.0.1:{service['PORT']}")
    script = script.replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - the README's own, replaced
    script = script.replace(".venv/bin/python", sys.executable)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=service,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "exchange.wasm: OK" in done.stdout
    assert '"ok":true' in done.stdout.replace(" ", "")
    assert "trailing_comma" in done.stdout
    assert '"structuredContent":{"world":"demo"' in done.stdout
    assert "harbour is whole as far as it was checked" in done.stdout
