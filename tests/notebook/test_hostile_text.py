"""What agents and compilers wrote is text on every page, whatever it holds (A19, A21)."""

import json

import pytest
from django.test import Client

from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of, run_compiles, send, text_of
from tests.service import compile_source, decide, found_world

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(1)>"


def pages_of(client: Client) -> str:
    """Give the markup of every page that shows the newest decision."""
    newest = client.get("/worlds/demo/").context["page"].cells[-1].decision["id"]
    one = f"decisions/{newest}/"
    addresses = ["", "live/", "live/?v=0.0", "cells/", "events/", one, f"{one}asked/"]
    return "".join(text_of(client.get(f"/worlds/demo/{address}")) for address in addresses)


def assert_harmless(markup: str) -> None:
    assert "&lt;" in markup
    assert "<script>" not in markup
    assert "<img src=x" not in markup


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_a19_what_a_compiler_prints_is_text(text: str) -> None:
    found_world()
    source = f"#error {text}\nint f(void) {{ return 1; }}\n"
    compile_source("ada", "clock", "clock.c", {"clock.c": source})

    assert run_compiles() == ["failed"]

    assert_harmless(pages_of(browser_of("eve", Role.VIEWER)))


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_a21_names_and_messages_are_text(text: str) -> None:
    found_world()
    decide("ada", "move_agent", to="nowhere", message_to_user=text)

    assert_harmless(pages_of(browser_of("eve", Role.VIEWER)))


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_a21_a_hostile_path_is_text(text: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    files = {f"{text}.wat": "(module)"}
    decision = {
        "decision": "compile_module_artifact_from_source",
        "module_id": "clock",
        "manifest_path": f"{text}.wat",
        "source_files": files,
    }

    answer = send(client, json.dumps(decision))

    assert_harmless(text_of(answer) + pages_of(client))


@pytest.mark.parametrize("text", [SCRIPT, IMAGE, f"</textarea>{SCRIPT}"])
def test_a21_a_text_sent_back_in_the_form_is_text(text: str) -> None:
    found_world()

    answer = send(browser_of("eve", Role.OPERATOR), text, agent=text)

    assert answer.status_code == 400
    assert_harmless(text_of(answer))


def test_a21_names_inside_of_a_module_are_text() -> None:
    found_world()
    source = f'(module (func (export "{SCRIPT}")))'
    compile_source("ada", "clock", "clock.wat", {"clock.wat": source})
    run_compiles()
    client = browser_of("eve", Role.VIEWER)
    [artifact] = client.get("/worlds/demo/").context["artifacts"].rows

    page = text_of(client.get(f"/worlds/demo/artifacts/{artifact.wasm_hash}/"))

    assert_harmless(page)
