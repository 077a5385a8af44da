"""Sliding through a world's history in a real browser, by pointer, keyboard and address."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from lifecycle.models.worlds import Role
from tests.notebook.chromium import Watched, open_as
from tests.notebook.people import browser_of
from tests.service import decide
from tests.usecases.histories import varied_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


@pytest.fixture
def watched(browser: Browser, live_server: LiveServer) -> Watched:
    """Open the history of a world of 17 events at event 12."""
    varied_world()
    session = browser_of("eve", Role.VIEWER).cookies["sessionid"].value
    return open_as(browser, session, f"{live_server.url}/worlds/demo/at/?seq=12")


def expect_place(page: Page, seq: int, head: int = 17) -> None:
    expect(page.locator("#as-of")).to_contain_text(f"As of event {seq} of {head}")
    expect(page.locator("#place")).to_have_value(str(seq))
    expect(page.locator("#number")).to_have_value(str(seq))
    expect(page).to_have_title(f"As of event {seq} \u00b7 demo \u00b7 worldsim")
    assert page.url.endswith(f"?seq={seq}")


def test_the_slider_shows_the_world_as_of_where_it_stands(watched: Watched) -> None:
    page = watched.page
    page.evaluate("window.stayed = true")
    expect(page.get_by_role("rowheader", name="map")).to_be_visible()

    page.get_by_label("Event, by slider").fill("10")

    expect_place(page, 10)
    expect(page.get_by_role("rowheader", name="map")).to_have_count(0)
    expect(page.get_by_label("Event, by slider")).to_have_attribute(
        "aria-valuetext", "event 10 of 17"
    )
    assert page.evaluate("window.stayed") is True
    assert watched.wrong == []


def test_the_keyboard_alone_slides_and_steps(watched: Watched) -> None:
    page = watched.page
    page.locator("#place").focus()
    page.keyboard.press("ArrowLeft")
    expect_place(page, 11)
    page.keyboard.press("Home")
    expect_place(page, 1)

    page.locator("#step-after").focus()
    page.keyboard.press("Enter")
    expect_place(page, 2)
    assert page.evaluate("document.activeElement.id") == "step-after"
    page.keyboard.press("Enter")
    expect_place(page, 3)

    page.locator("#number").fill("15")
    page.keyboard.press("Enter")
    expect_place(page, 15)
    assert watched.wrong == []


def test_the_browsers_way_back_leads_through_the_places(watched: Watched) -> None:
    page = watched.page
    page.locator("#place").fill("9")
    expect_place(page, 9)
    page.locator("#place").fill("4")
    expect_place(page, 4)

    page.go_back()
    expect_place(page, 9)
    page.go_back()
    expect_place(page, 12)
    page.locator("#place").fill("3")

    expect_place(page, 3)
    assert watched.wrong == []


def test_a_journal_that_grows_meanwhile_lengthens_the_slider(watched: Watched) -> None:
    page = watched.page
    decide("ada", "wait")

    page.locator("#place").fill("13")

    expect_place(page, 13, head=18)
    expect(page.locator("#place")).to_have_attribute("max", "18")
    expect(page.locator("#number")).to_have_attribute("max", "18")


def test_an_open_payload_stays_open_from_event_to_event(watched: Watched) -> None:
    page = watched.page
    page.get_by_text("Payload", exact=True).click()

    page.locator("#step-before").click()

    expect_place(page, 11)
    expect(page.get_by_label("Payload of event 11")).to_be_visible()


def test_without_script_both_forms_do_the_same(browser: Browser, watched: Watched) -> None:
    cookies = watched.page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": c["name"], "value": c["value"], "url": watched.page.url} for c in cookies]
    )
    page = context.new_page()
    page.goto(watched.page.url)

    page.locator("form.slide button").click()
    assert page.url.endswith("?seq=12")
    page.locator("#number").fill("5")
    page.locator("form.jump button").click()

    assert page.url.endswith("?seq=5")
    expect(page.locator("#as-of")).to_contain_text("As of event 5 of 17")
    context.close()
