"""Reading a notebook in a real browser: where it opens, what arrives while one reads, the keys."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from lifecycle.models.worlds import Role
from tests.notebook.chromium import Watched, open_as
from tests.notebook.people import browser_of
from tests.service import decide, found_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

LONG = "A sentence of an agent that goes on for a while. " * 12


@pytest.fixture
def watched(browser: Browser, live_server: LiveServer) -> Watched:
    """Open a world of 45 cells, numbered from 5 on, as one of its operators."""
    found_world()
    for number in range(45):
        decide("ada", "wait", message_to_user=f"{number} {LONG}")
    address = f"{live_server.url}/worlds/demo/"
    session = browser_of("eve", Role.OPERATOR).cookies["sessionid"].value
    return open_as(browser, session, address)


def top_of(page: Page, selector: str) -> float:
    top: float = page.locator(selector).evaluate("(it) => it.getBoundingClientRect().top")
    return top


def is_in_sight(page: Page, selector: str) -> bool:
    return 0 <= top_of(page, selector) < 800


def test_it_opens_at_the_newest_cell_and_the_new_one(watched: Watched) -> None:
    assert is_in_sight(watched.page, "#new")
    assert is_in_sight(watched.page, "#cells .cell:last-of-type .index")


def test_earlier_cells_come_above_and_what_is_read_stays(watched: Watched) -> None:
    page = watched.page
    first = page.locator("#cells .cell").first
    first.scroll_into_view_if_needed()
    name = first.get_attribute("id")
    before = top_of(page, f"#{name}")

    page.locator("#earlier-link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cells .cell")).to_have_count(40)
    page.wait_for_timeout(200)

    assert abs(top_of(page, f"#{name}") - before) < 2
    assert page.evaluate("document.activeElement.id") == "earlier-link"
    page.keyboard.press("e")
    expect(page.locator("#cells .cell")).to_have_count(45)
    expect(page.get_by_text("The record begins here.")).to_have_count(1)
    assert watched.wrong == []


def test_new_cells_do_not_move_who_reads_further_up(watched: Watched) -> None:
    page = watched.page
    page.evaluate("scrollTo(0, 300)")
    page.wait_for_timeout(100)

    decide("bob", "wait")
    expect(page.locator("#new-cells")).to_have_text("1 new cell")
    decide("bob", "wait")
    expect(page.locator("#new-cells")).to_have_text("2 new cells")
    at = page.evaluate("scrollY")
    page.locator("#new-cells").click()

    assert at == 300
    expect(page.locator("#new-cells")).to_be_hidden()
    assert page.locator("#cells .cell").count() == 22
    assert watched.wrong == []


def test_new_cells_leave_the_composer_where_it_is_on_the_screen(watched: Watched) -> None:
    page = watched.page
    before = top_of(page, "#new")

    decide("bob", "wait", message_to_user=LONG)
    expect(page.locator("#cells .cell")).to_have_count(21)
    page.wait_for_timeout(200)

    assert abs(top_of(page, "#new") - before) < 2


def test_what_was_opened_in_a_cell_survives_its_being_drawn_anew(watched: Watched) -> None:
    page = watched.page
    cell = page.locator("#cells .cell").last
    cell.get_by_text("What was asked, in full").click()
    expect(cell.locator("pre.code")).to_contain_text("message_to_user")
    page.get_by_role("link", name="Notebook").focus()

    decide("bob", "wait")
    expect(page.locator("#cells .cell")).to_have_count(21)

    kept = page.locator("#cells .cell").nth(19)
    expect(kept.locator("pre.code")).to_contain_text("message_to_user")
    assert page.evaluate("document.activeElement.textContent") == "Notebook"


def focused(page: Page) -> str:
    label: str = page.evaluate("document.activeElement.querySelector('.index')?.textContent ?? ''")
    return label


def test_keys_step_through_cells_open_and_repeat_them(watched: Watched) -> None:
    page = watched.page
    page.keyboard.press("k")
    last = focused(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("k")
    page.keyboard.press("j")
    up = focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/**")
    page.go_back()
    page.wait_for_url("**/worlds/demo/")
    page.keyboard.press("k")
    page.keyboard.press("r")
    page.wait_for_url("**/worlds/demo/?from=**")

    assert (last, up) == ("[49]", "[48]")
    assert watched.wrong == []


def test_keys_lead_to_the_new_cell_to_a_search_and_to_their_list(watched: Watched) -> None:
    page = watched.page
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.closest('#new') !== null")
    page.get_by_role("link", name="Notebook").focus()
    page.keyboard.press("g")
    page.keyboard.type("7j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?q=7j")

    # Chromium itself notes the status of what is not found.
    assert [wrong for wrong in watched.wrong if "404" not in wrong] == []


def test_no_key_acts_while_one_writes(watched: Watched) -> None:
    page = watched.page
    page.keyboard.press("g")

    page.keyboard.type("jkrne?")

    assert page.locator("#find-q").input_value() == "jkrne?"
    assert page.get_by_role("dialog").count() == 0
