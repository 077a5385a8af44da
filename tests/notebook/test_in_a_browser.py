"""The main job in a real browser: submit, watch it live, see a compile end, by keyboard too."""

import json
import re
import threading

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.compile import claim, run_job
from tests.notebook.chromium import Watched, log_in, open_as, open_page
from tests.notebook.people import BROKEN_WAT, GOOD_WAT, PASSWORD, account, browser_of
from tests.service import compile_source, deploy, install, wasm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


def visit(browser: Browser, address: str, *, width: int = 1280, scheme: str = "light") -> Watched:
    """Open a world as one of its operators, whose session is made without the log-in page."""
    session = browser_of("eve", Role.OPERATOR).cookies["sessionid"].value
    return open_as(browser, session, address, width=width, scheme=scheme)


def fill_form(page: Page, decision: dict[str, object]) -> None:
    page.get_by_role("button", name="Show as JSON").click()
    page.locator("#decision-agent").select_option("ada")
    page.locator("#decision-text").fill(json.dumps(decision))


def in_a_worker(job_pk: int) -> None:
    """Run a job as a worker does: elsewhere, on a connection of its own."""

    def work() -> None:
        try:
            run_job(job_pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def test_the_main_job_from_the_log_in_to_the_installed_module(browser: Browser, world: str) -> None:
    account("eve", Role.OPERATOR, password=PASSWORD)
    watched = open_page(browser)
    log_in(watched, world, "eve", PASSWORD)
    page = watched.page
    source = {"clock.wat": GOOD_WAT}
    decision: dict[str, object] = {
        "decision": "compile_module_artifact_from_source",
        "module_id": "clock",
        "manifest_path": "clock.wat",
        "source_files": source,
    }
    fill_form(page, decision)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#panels").get_by_text("Next in the queue")).to_be_visible()

    in_a_worker(CompileJob.objects.get().pk)
    expect(page.get_by_text("Nothing is being compiled.")).to_be_visible()
    expect(page.locator("section:has(#artifacts-title) tbody tr")).to_have_count(1)

    page.get_by_role("link", name="Install the newest artifact").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("rowheader", name="clock")).to_be_visible()
    assert watched.wrong == []


def test_a_team_mate_sees_a_decision_without_a_reload(browser: Browser, world: str) -> None:
    watched = visit(browser, world)
    page = watched.page
    page.evaluate("window.stayed = true")

    deploy("bob", wasm())
    install("bob", wasm(), "lamp")

    expect(page.get_by_role("rowheader", name="lamp")).to_be_visible()
    expect(page.locator("#summary dd").first).to_have_text("6")
    expect(page.locator("#pulse-said")).to_have_text("Event 6")
    assert page.evaluate("window.stayed") is True
    assert watched.wrong == []


def test_a_running_compile_shows_its_seconds_until_it_ends(browser: Browser, world: str) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": BROKEN_WAT})
    job = CompileJob.objects.get()
    watched = visit(browser, world)
    page = watched.page

    assert claim(job.pk) is not None
    for place in ("#panels", "#cells"):
        expect(
            page.locator(place).get_by_role("progressbar", name="Compiling clock")
        ).to_be_visible()
    expect(page.locator("#panels .elapsed")).to_have_text(re.compile(r"^([2-9]|\d\d) s$"))
    CompileJob.objects.update(state="queued", lease_token=None)
    in_a_worker(job.pk)

    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_text("What the compiler said")).to_be_visible()
    assert watched.wrong == []


def test_what_is_being_written_survives_the_updates(browser: Browser, world: str) -> None:
    page = visit(browser, world).page
    fill_form(page, {"decision": "wait"})
    page.locator("#decision-text").focus()

    deploy("bob", wasm())

    expect(page.locator("#pulse-said")).to_have_text("Event 5")
    assert page.locator("#decision-text").input_value() == '{"decision": "wait"}'
    assert page.evaluate("document.activeElement.id") == "decision-text"


def test_the_keyboard_alone_submits_and_mends_a_refusal(browser: Browser, world: str) -> None:
    watched = visit(browser, world)
    page = watched.page
    page.locator("#view").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#decision-text")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "decision-text":
            break
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('{"decision": "move_agent", "to": "nowhere"}')
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("alert")).to_contain_text("nowhere")
    assert page.locator("#decision-text").input_value().endswith('"nowhere"}')

    page.locator("#decision-text").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('{"decision": "move_agent", "to": "hub"}')
    page.keyboard.press("Shift+Enter")

    expect(
        page.locator("article").last.get_by_role("link", name="move to hub", exact=True)
    ).to_be_visible()
    # Chromium itself notes the page's status, 422, on the console.
    assert [wrong for wrong in watched.wrong if "422" not in wrong] == []


def test_a_refusal_takes_the_focus_once_and_not_again_from_who_types(
    browser: Browser, world: str
) -> None:
    page = visit(browser, f"{world}?decision=move_agent").page
    page.evaluate(
        """() => document.addEventListener("htmx:afterSwap", (event) => {
             if (event.target.id !== "new") return;
             window.focused = document.activeElement.id;
             document.getElementById("field-to").focus();
             document.addEventListener("htmx:afterSettle", () => { window.settled = true; });
           })"""
    )
    page.locator("#field-to").fill("nowhere")

    page.keyboard.press("Shift+Enter")

    page.wait_for_function("() => window.settled")
    assert page.evaluate("window.focused") == "answer"
    assert page.evaluate("document.activeElement.id") == "field-to"


def test_the_first_stop_of_the_keyboard_leads_past_the_frame(browser: Browser, world: str) -> None:
    page = visit(browser, world).page
    page.goto(world)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_a_lost_connection_is_said_and_mended(browser: Browser, world: str) -> None:
    page = visit(browser, world).page
    page.route("**/live/**", lambda route: route.abort())
    expect(page.locator("#pulse-said")).to_have_text("No connection; trying again")

    deploy("bob", wasm())
    page.unroute("**/live/**")

    expect(page.locator("#pulse-said")).to_have_text("Event 5")
    expect(page.locator("#pulse")).to_have_attribute("data-state", "live")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(browser: Browser, world: str, scheme: str) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    in_a_worker(CompileJob.objects.get().pk)
    watched = visit(browser, world, width=360, scheme=scheme)
    page = watched.page
    artifact = page.locator("section:has(#artifacts-title) td a").first.get_attribute("href")
    addresses = ["", "?example=rust", "?mode=json", "events/", "find/?q=nothing", "artifacts/"]
    addresses += ["modules/", f"decisions/{sent.decision_id}/", str(artifact)]

    for address in addresses:
        page.goto(address if address.startswith("http") else _joined(world, address))
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (address, wide) == (address, 0)
    # Chromium itself notes the status of the page that found nothing, 404, on the console.
    assert [wrong for wrong in watched.wrong if "404" not in wrong] == []


def _joined(world: str, address: str) -> str:
    return (
        world.removesuffix("/worlds/demo/") + address
        if address.startswith("/")
        else world + address
    )


def test_a_script_in_a_page_would_not_run(browser: Browser, world: str) -> None:
    watched = visit(browser, world)

    watched.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')"
    )

    watched.page.wait_for_timeout(200)
    assert watched.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in wrong for wrong in watched.wrong)
