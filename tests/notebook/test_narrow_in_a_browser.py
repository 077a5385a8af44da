"""On a phone: the tab that is shown is in sight, nothing is cut off, what scrolls says so."""

import json

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from lifecycle.models.runs import AgentTurn
from lifecycle.models.worlds import Role
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import claim_turn, start_run
from tests.notebook.chromium import Watched, bring_session, open_page
from tests.notebook.people import browser_of
from tests.service import deploy, found_world, install, wasm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]
IN_SIGHT = """(tab) => {
  const { left, right } = tab.getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}"""
CUT_OFF = """() => [...document.querySelectorAll("main button, main code, main a, main p")]
  .filter((one) => !one.closest(".scroll, .world-nav, .code, .unseen") && one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().right > innerWidth - 4)
  .map((one) => one.outerHTML)"""


@pytest.fixture
def narrow(browser: Browser, live_server: LiveServer) -> tuple[Watched, str]:
    """Give a page of 360 px, logged in, and the address of a world with something in it."""
    found_world()
    deploy("ada", wasm(), module_id="clock")
    install("ada", wasm(), "clock")
    make_checkpoint("demo", channel="command")
    watched = open_page(browser, width=360)
    session = browser_of("eve", Role.MAINTAINER).cookies["sessionid"].value
    bring_session(watched.page, session, live_server.url)
    return watched, f"{live_server.url}/worlds/demo/"


@pytest.mark.parametrize("tab", ["", "events/", "checkpoints/", "runs/", "team/", "settings/"])
def test_the_tab_that_is_shown_is_in_sight_and_nothing_is_cut_off(
    narrow: tuple[Watched, str], tab: str
) -> None:
    watched, world = narrow
    page = watched.page
    page.goto(f"{world}{tab}")

    assert page.locator(".world-nav [aria-current]").evaluate(IN_SIGHT)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert watched.wrong == []


def test_the_prompt_of_a_turn_is_read_without_scrolling_to_the_side(
    narrow: tuple[Watched, str],
) -> None:
    watched, world = narrow
    run = start_run(RunRequest("demo", "ada", "m", "http://127.0.0.1:9/v1", foreground=True))
    lease = claim_turn(run.pk, run.lease_token)
    assert lease is not None
    step = {"kind": "answer", "tools": [], "latency_ms": 1, "answer": "a word " * 99, "fault": None}
    AgentTurn.objects.update(steps=json.dumps([step]), outcome="applied")
    watched.page.goto(f"{world}runs/{run.run_id}/turns/1/")
    watched.page.locator("summary").click()

    answer = watched.page.locator("pre.code")
    assert answer.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    assert watched.page.evaluate(CUT_OFF) == []
    watched.page.goto(f"{world}runs/{run.run_id}/")
    file = watched.page.locator("#turns article > .file")
    assert file.evaluate("(one) => getComputedStyle(one).borderTopWidth") == "0px"


def shade(page: Page) -> str:
    return str(page.locator(".scroll").first.evaluate("(one) => getComputedStyle(one).background"))


def test_a_table_that_scrolls_to_the_side_has_a_shadow_there(narrow: tuple[Watched, str]) -> None:
    watched, world = narrow
    watched.page.goto(f"{world}artifacts/")

    assert "local" in shade(watched.page)
    assert "scroll" in shade(watched.page)
