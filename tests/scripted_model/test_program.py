"""The scripted model as a program: a script from a file, its address, its exit status."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.scripted_model.__main__ import main
from tests.scripted_model.asking import NO_CERTIFICATES
from tests.scripted_model.script_files import CONSTRUCTORS, ScriptFileError, read_script

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.scripted_model"]

IN_PYTHON = """
from tests.scripted_model.answers import text

SCRIPT = [text("Hello"), lambda request: text(f"Number {request.number}")]
"""


def file_of(folder: Path, script: object) -> Path:
    path = folder / "script.json"
    path.write_text(json.dumps(script), encoding="utf-8")
    return path


@contextmanager
def started(*options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start the program; give it and the base URL that it prints."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, *options], cwd=ROOT, stdout=pipe, stderr=pipe, text=True
    ) as program:
        try:
            assert program.stdout is not None
            yield program, program.stdout.readline().strip()
        finally:
            program.kill()


def content_at(base_url: str) -> str:
    document = {"model": "any", "messages": [{"role": "user", "content": "Hello"}]}
    url = f"{base_url}/chat/completions"
    reply = httpx2.post(url, json=document, verify=NO_CERTIFICATES)
    return str(reply.json()["choices"][0]["message"]["content"])


def test_the_program_serves_a_script_until_it_is_interrupted(tmp_path: Path) -> None:
    script = file_of(tmp_path, [{"text": {"content": "Hello"}}])

    with started("--script", str(script), "--after", "repeat") as (program, base_url):
        contents = [content_at(base_url), content_at(base_url)]
        program.send_signal(signal.SIGINT)
        _, told = program.communicate(timeout=10)

    assert contents == ["Hello", "Hello"]
    assert (program.returncode, told) == (0, "")


def test_the_program_tells_what_was_wrong_with_the_requests(tmp_path: Path) -> None:
    script = file_of(tmp_path, [])

    with started("--script", str(script)) as (program, base_url):
        httpx2.get(f"{base_url}/nowhere", verify=NO_CERTIFICATES)
        program.send_signal(signal.SIGTERM)
        _, told = program.communicate(timeout=10)

    assert (program.returncode, told) == (1, "request 1: Invalid URL (GET /v1/nowhere)\n")


def test_the_program_does_not_start_without_a_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--script", str(tmp_path / "none.json")])

    assert status == 2
    assert "none.json: FileNotFoundError" in capsys.readouterr().err


def test_a_script_may_hold_every_answer_and_answers_within_answers(tmp_path: Path) -> None:
    within = {"trickled": {"answer": {"text": {"content": "Hello"}}, "piece_bytes": 3}}
    script = [
        {"call": {"name": "world_observation", "arguments": {"radius": 1}}},
        {"calls": {"asked": [["world_observation", {}], ["compile_result", "{}"]]}},
        {"stalled": {"answer": within, "seconds": 0.1}},
        {"dropped": {"reset": True}},
    ]

    read = read_script(file_of(tmp_path, script))

    assert read == [
        CONSTRUCTORS["call"]("world_observation", {"radius": 1}),
        CONSTRUCTORS["calls"]([("world_observation", {}), ("compile_result", {})]),
        CONSTRUCTORS["stalled"](
            CONSTRUCTORS["trickled"](CONSTRUCTORS["text"]("Hello"), piece_bytes=3), 0.1
        ),
        CONSTRUCTORS["dropped"](reset=True),
    ]


def test_a_script_in_python_may_hold_functions(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(IN_PYTHON, encoding="utf-8")

    first, second = read_script(path)

    assert first == CONSTRUCTORS["text"]("Hello")
    assert callable(second)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ({}, "a list of answers"),
        (["Hello"], "answer 1: an object with the one key"),
        ([{"text": {"content": "a"}}, {"txt": {}}], "answer 2: no 'txt'; there are"),
        ([{"text": "Hello"}], "'text' takes an object"),
        ([{"text": {"words": "Hello"}}], "unexpected keyword argument 'words'"),
        ([{"stalled": {"answer": "Hello", "seconds": 1}}], "answer 1, stalled: an object"),
    ],
)
def test_a_file_that_holds_no_script_is_refused_by_its_place(
    tmp_path: Path, script: object, told: str
) -> None:
    with pytest.raises(ScriptFileError, match=told):
        read_script(file_of(tmp_path, script))


def test_a_python_file_without_a_script_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("", encoding="utf-8")

    with pytest.raises(ScriptFileError, match="SCRIPT"):
        read_script(path)
