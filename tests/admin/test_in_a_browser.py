"""The auditor in a real browser: a tampered row found, a checkpoint signed, no policy broken."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from lifecycle.journal.store import get_head
from lifecycle.models.audits import CheckJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.check_jobs import run_check
from tests.admin.auditing import fill_world
from tests.journal.tampering import tamper
from tests.notebook.chromium import Watched, log_in, open_page
from tests.notebook.people import PASSWORD, account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


@pytest.fixture
def auditor(browser: Browser, live_server: LiveServer) -> Iterator[Watched]:
    """Log an auditor of the world in, by the keyboard, at the audit's door."""
    fill_world()
    account("eve", Role.AUDITOR, password=PASSWORD)
    watched = open_page(browser)
    log_in(watched, f"{live_server.url}/admin/", "eve", PASSWORD)
    yield watched
    watched.page.context.close()


def run_checks() -> None:
    """Do what a worker does: elsewhere, on a connection of its own."""

    def work() -> None:
        try:
            for pk in CheckJob.objects.values_list("pk", flat=True):
                run_check(pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def open_world(page: Page) -> None:
    page.get_by_role("region", name="Worlds, as a table").get_by_role("link", name="demo").click()
    expect(page.get_by_role("heading", name="Prove this world")).to_be_visible()


def test_e15_an_auditor_finds_the_row_that_was_tampered_with(auditor: Watched) -> None:
    page = auditor.page
    tamper("UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hup') WHERE seq = 3")

    open_world(page)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("The check waits for a worker.")).to_be_visible()
    run_checks()

    expect(page.get_by_text("Event 3 is not what was once appended")).to_be_visible()
    expect(page.get_by_text("broken at event 3")).to_be_visible()
    expect(page.get_by_text(get_head("demo").hash)).to_be_visible()
    expect(page.get_by_text("events 1 to ")).to_be_visible()
    page.goto(page.url.split("/lifecycle/")[0])
    expect(page.get_by_text("broken at event 3")).to_be_visible()
    assert auditor.wrong == []


def test_e25_an_auditor_checks_a_range_and_one_artifact(auditor: Watched) -> None:
    page = auditor.page
    open_world(page)
    page.get_by_label("From event").fill("2")
    page.get_by_label("to", exact=True).fill("4")
    page.get_by_label("to", exact=True).press("Enter")
    run_checks()
    expect(page.get_by_text("events 2 to 4, 3 of them checked")).to_be_visible()
    expect(page.get_by_text("not made: the whole journal up to a place gives it")).to_be_visible()

    page.goto(page.url.replace("checkjob", "artifact").split("artifact/")[0] + "artifact/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("button", name="Check", exact=True).click()
    run_checks()

    expect(
        page.get_by_text("Everything that was checked is what was once appended.")
    ).to_be_visible()
    expect(page.get_by_text("events, content, projections")).to_be_visible()
    assert auditor.wrong == []


def test_a_range_outside_of_the_journal_is_told_where_it_was_asked_for(auditor: Watched) -> None:
    page = auditor.page
    open_world(page)
    page.get_by_label("From event").fill("999")
    page.get_by_role("button", name="Check", exact=True).click()

    expect(page.get_by_text("Accepted is a range of events within 1 to")).to_be_visible()


def test_e17_an_auditor_signs_a_checkpoint_and_takes_it_away(auditor: Watched) -> None:
    page = auditor.page
    open_world(page)
    page.get_by_role("button", name="Sign a checkpoint").click()
    expect(page.get_by_text("is signed. Keep the checkpoint elsewhere.")).to_be_visible()

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the checkpoint of event").click()

    head = get_head("demo")
    assert downloading.value.suggested_filename == f"demo-{head.seq}.checkpoint"
    assert head.hash in downloading.value.path().read_text(encoding="utf-8")
    assert auditor.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_audit_breaks_the_policy_or_a_narrow_window(
    auditor: Watched, scheme: str
) -> None:
    page = auditor.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 800})
    lists = page.locator(".tables th a").evaluate_all("links => links.map(link => link.href)")
    assert len(lists) >= 14

    for address in lists:
        page.goto(address)
        rows = page.locator("#result_list tbody th a")
        if rows.count():
            rows.first.click()
            page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url

    assert auditor.wrong == []
