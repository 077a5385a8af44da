"""`local_model`: a small language model of this machine's own, behind OpenAI's API."""

import json
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.programs import Running, environment, eventually, manage

Start = Callable[..., Running]

MOVE = {
    "type": "object",
    "properties": {
        "decision": {"const": "move_agent"},
        "to": {"type": "string", "pattern": "^(harbour|mill)$"},
    },
    "required": ["decision", "to"],
    "additionalProperties": False,
}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts the command, and leave nothing of it behind."""
    started: list[Running] = []

    def run(*argv: str) -> Running:
        log = tmp_path / f"model-{len(started)}.log"
        started.append(Running(environment(tmp_path / "data"), log, "local_model", *argv))
        return started[-1]

    yield run
    for model in started:
        model.make_sure_it_is_gone()


def asked(base_url: str, prompt: str, **settings: object) -> dict[str, Any]:
    """Ask the model once; give its answer."""
    parts = urlsplit(base_url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    body = {"model": "any", "messages": [{"role": "user", "content": prompt}], **settings}
    try:
        connection.request("POST", f"{parts.path}/chat/completions", json.dumps(body))
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


@pytest.mark.needs_llm
def test_the_local_model_answers_under_a_schema_and_leaves_at_once_in_the_midst_of_an_answer(
    start: Start,
) -> None:
    model = start("--context", "1024", "--slots", "1")
    assert eventually(lambda: "model     gemma-3-270m" in model.said()), model.said()
    found = re.match(r"base URL  (http://127\.0\.0\.1:\d+/v1)\n", model.said())
    assert found is not None, model.said()

    shape = {"type": "json_schema", "json_schema": {"name": "Move", "schema": MOVE}}
    answer = asked(found[1], "Where to?", response_format=shape, max_tokens=400, temperature=0)

    [choice] = answer["choices"]
    assert answer["model"] == "gemma-3-270m"
    assert choice["finish_reason"] == "stop"
    decision = json.loads(choice["message"]["content"])
    assert decision in ({"decision": "move_agent", "to": place} for place in ("harbour", "mill"))

    cut_off = threading.Event()

    def ask_for_much() -> None:
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            asked(found[1], "Tell me all.", max_tokens=900)
        cut_off.set()

    asking = threading.Thread(target=ask_for_much)
    asking.start()
    assert not cut_off.wait(0.5)
    assert model.stop(signal.SIGTERM, timeout_s=5) == 0
    asking.join(5)
    assert cut_off.is_set()
    assert model.descendants() == []


def test_without_its_packages_the_local_model_says_how_to_install_them(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError", encoding="utf-8")

    ended = manage(tmp_path / "data", "local_model", changes={"PYTHONPATH": str(tmp_path)})

    assert ended.returncode == 1
    assert "pip install -r requirements-llm.txt" in ended.stderr
    assert ended.stdout == ""


def test_a_port_in_use_is_named_before_the_model_is_loaded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        ended = manage(tmp_path / "data", "local_model", "--port", port)

    assert ended.returncode == 1
    assert f"port {port}: Address already in use" in ended.stderr


@pytest.mark.parametrize(
    "argv", [("--port", "65536"), ("--context", "0"), ("--slots", "-1"), ("--model", "none.gguf")]
)
def test_what_the_local_model_cannot_take_is_wrong_usage(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    ended = manage(tmp_path / "data", "local_model", *argv)

    assert ended.returncode == 2, ended.stderr


def test_a_local_model_whose_parent_is_gone_ends_before_it_loads(start: Start) -> None:
    model = start("--parent", "1")

    assert model.process.wait(30) == -signal.SIGKILL
    assert model.said() == ""
