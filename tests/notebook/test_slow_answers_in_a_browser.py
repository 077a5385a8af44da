"""The composer while an answer is on its way, or was lost: nothing typed goes with it."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lifecycle.models.decisions import Decision
from lifecycle.models.drafts import Draft
from tests.notebook.chromium import Watched, open_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

MOVE = "?decision=move_agent"


@pytest.fixture
def watched(browser: Browser, session: str, world: str) -> Watched:
    """Open the form of a move."""
    return open_as(browser, session, world + MOVE)


def hold(page: Page, address: str) -> Callable[[], None]:
    """Hold the next request back; give what lets it go on."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks what it is given

    def release() -> None:
        for _ in range(750):
            if held:
                break
            page.wait_for_timeout(20)
        held[0].continue_()

    return release


def lose_the_answer(route: Route) -> None:
    """Let the server do what it was asked, and the browser never hear of it."""
    route.fetch()
    route.abort()


def kept() -> set[str]:
    return {json.loads(draft.content)["fields"]["to"] for draft in Draft.objects.all()}


def in_order(watched: Watched) -> bool:
    """Say whether the console tells of no more than a request that was cut off."""
    return all("net::ERR_FAILED" in wrong or "htmx:" in wrong for wrong in watched.wrong)


def test_what_is_typed_while_another_form_is_on_its_way_stands_in_it(
    watched: Watched, world: str
) -> None:
    page = watched.page
    release = hold(page, world)
    page.get_by_role("radio", name="Install").check()
    page.locator("#decision-agent").select_option("bob")
    page.locator("#field-to").fill("hub")

    release()

    expect(page.locator("#field-wasm_hash")).to_be_visible()
    expect(page.locator("#decision-agent")).to_have_value("bob")
    page.get_by_role("radio", name="Move agent").check()
    expect(page.locator("#field-to")).to_have_value("hub")
    assert watched.wrong == []


def test_what_is_typed_while_json_is_on_its_way_stands_in_it(watched: Watched, world: str) -> None:
    page = watched.page
    release = hold(page, world)
    page.get_by_role("button", name="Show as JSON").click()
    page.locator("#field-to").fill("hub")

    release()

    expect(page.locator("#decision-text")).to_have_value(
        '{\n  "decision": "move_agent",\n  "to": "hub"\n}'
    )
    assert watched.wrong == []


def test_what_is_typed_while_a_submit_is_on_its_way_becomes_a_draft(
    watched: Watched, world: str
) -> None:
    page = watched.page
    page.locator("#field-to").fill("hub")
    release = hold(page, world)
    page.keyboard.press("Shift+Enter")
    page.locator("#field-to").fill("the next place")

    release()

    expect(page.locator("#new #answer")).to_contain_text("move to hub")
    expect(page.locator("#draft-found")).to_be_visible()
    assert kept() == {"the next place"}
    page.get_by_role("link", name="a draft now").click()
    expect(page.locator("#field-to")).to_have_value("the next place")
    assert Decision.objects.count() == 1
    assert watched.wrong == []


def test_e01_a_submit_whose_answer_was_lost_is_one_event_when_it_is_sent_again(
    watched: Watched, world: str
) -> None:
    page = watched.page
    page.locator("#field-to").fill("hub")
    page.route(world, lose_the_answer, times=1)
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#unsent")).to_contain_text("no connection")
    expect(page.locator("#field-to")).to_have_value("hub")

    page.keyboard.press("Shift+Enter")

    expect(page.locator("#new #answer")).to_contain_text("move to hub")
    assert Decision.objects.count() == 1
    assert in_order(watched)


def test_a23_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(
    watched: Watched,
) -> None:
    page = watched.page
    for text in ("first", "second"):
        # Once for a new draft, and once for one that the server knows.
        page.route("**/drafts/", lose_the_answer, times=1)
        page.locator("#field-to").fill(text)
        expect(page.locator("#draft-said")).to_contain_text("kept in this browser")
        page.locator("#field-to").fill(f"{text}, and more")
        expect(page.locator("#draft-said")).to_have_text("Saved")

    expect(page.locator("#conflict")).to_have_count(0)
    assert kept() == {"second, and more"}
    assert in_order(watched)
