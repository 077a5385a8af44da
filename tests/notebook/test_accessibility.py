"""axe-core finds no violation on any page, light or dark, on a screen or a phone.

The pages are those of the URL resolver: a new address without an entry here fails.
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.notebook.urls import urlpatterns
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import claim_turn, note_prompt, start_run
from lifecycle.usecases.turns import keep_prompt
from tests.notebook.chromium import bring_session, open_page
from tests.notebook.people import BROKEN_WAT, GOOD_WAT, browser_of, run_compiles
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

AXE: Final = (Path(__file__).parent / "axe" / "axe-core-4.14.1" / "axe.min.js").read_text("utf-8")
RUN: Final = """
axe.run(document, {resultTypes: ["violations"]}).then((found) => JSON.stringify(
  found.violations.map(({id, nodes}) => [id, nodes.map((node) => node.failureSummary)])))
"""

# What takes forms alone is no page; an error page is tried at an address that leads nowhere.
TAKES_FORMS: Final = {"logout", "revoke-invitation", "places"}
# Where a name alone does not lead, with what it wants.
QUERIES: Final = {"find": "?q=nothing", "past": "?seq=5"}


def fill_world() -> dict[str, str]:
    """Let a world have all that pages show; give what addresses of it name."""
    found_world()
    compile_source("ada", "clock", "clock.wat", {"clock.wat": BROKEN_WAT})
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    deploy("ada", wasm())
    install("ada", wasm(), "lamp", module_version="2.0.0")
    install("ada", wasm(), "lamp", module_version="1.0.0", activate=False)
    decide("bob", "move_agent", to="nowhere")
    refused = compile_source("bob", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    request = RunRequest("demo", "ada", "scripted", "http://127.0.0.1:9/v1", foreground=True)
    run = start_run(request)
    turn = claim_turn(run.pk, run.lease_token)
    assert turn is not None
    messages = [{"role": "system", "content": "You are ada."}, {"role": "user", "content": "Go."}]
    note_prompt(turn, keep_prompt(canonical_bytes(messages)), 7, ["history: 3 entries"])
    return {
        "slug": "demo",
        "wasm_hash": CompileJob.objects.get(state="succeeded").wasm_hash or "",
        "other_hash": hash_of(wasm()),
        "decision_id": refused.decision_id or "",
        "run_id": run.run_id,
        "number": str(turn.number),
        "name": "eve",
        "agent_id": "ada",
        "seq": str(make_checkpoint("demo", channel="command").seq),
    }


def violations_on(page: Page) -> list[Any]:
    """Run axe in a page through DevTools, which the page's own policy does not concern."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Runtime.evaluate", {"expression": AXE})
    asked = {"expression": RUN, "awaitPromise": True, "returnByValue": True}
    told = devtools.send("Runtime.evaluate", asked)
    assert "value" in told["result"], told
    found: list[Any] = json.loads(told["result"]["value"])
    return found


def pages_of(client: Client, names: dict[str, str]) -> dict[str, str]:
    """Give the address of every page, by its name; what gives a part or a file is none."""
    pages = {"nowhere": "/nowhere/"}
    for entry in urlpatterns:
        address = f"/{entry.pattern}"
        for name, value in names.items():
            address = address.replace(f"<str:{name}>", value).replace(f"<int:{name}>", value)
        if entry.name in TAKES_FORMS:
            continue
        assert "<" not in address, f"{entry.name}: fill in {address}"
        address += QUERIES.get(str(entry.name), "")
        answer = client.get(address, follow=True)
        assert answer.status_code == (404 if entry.name == "find" else 200), address
        if b"".join(answer).startswith(b"<!doctype html>"):
            pages[str(entry.name)] = address
    return pages


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_no_violation_on_any_page(
    browser: Browser, live_server: LiveServer, scheme: str, width: int
) -> None:
    names = fill_world()
    client = browser_of("eve", Role.MAINTAINER)
    addresses = pages_of(client, names)
    session = client.cookies["sessionid"].value
    page = open_page(browser, width=width, scheme=scheme).page
    page.goto(live_server.url + "/login/")
    found = {"log-in": violations_on(page)}
    bring_session(page, session, live_server.url)
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        found[name] = violations_on(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, wide) == (name, 0)
    page.goto(live_server.url + "/worlds/demo/")
    page.keyboard.press("?")
    found["keys"] = violations_on(page)
    page.context.close()

    assert {name: told for name, told in found.items() if told} == {}
    assert {"world", "decision", "artifact", "run", "team", "find"} < set(found)


def test_axe_sees_a_violation_where_there_is_one(browser: Browser, live_server: LiveServer) -> None:
    page = open_page(browser).page
    page.goto(live_server.url + "/login/")
    page.evaluate("document.body.append(document.createElement('img'))")

    seen = [name for name, _ in violations_on(page)]
    page.context.close()

    assert "image-alt" in seen
