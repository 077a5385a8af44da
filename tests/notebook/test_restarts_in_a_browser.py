"""Web server and worker killed and started again under an open page: the page loses nothing."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lifecycle.models.drafts import Draft
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.usecases.verify import verify_world
from tests.notebook.chromium import Watched, open_as
from tests.service import found_world
from tests.serving import Web, Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

# Zig itself takes some seconds for it, at the time of compiling.
SLOW_ZIG = """\
const spun = blk: {
    @setEvalBranchQuota(100_000_000);
    var sum: u32 = 0;
    var i: u32 = 0;
    while (i < 600_000) : (i += 1) sum +%= i;
    break :blk sum;
};
export fn tick(now: u32) u32 {
    return now +% spun;
}
"""
# What a browser and htmx note of a server that is not there, and of a save that came too late.
NOTED = ("net::ERR_", "htmx:", "status of 409")
ENDS_MS = 180_000


class Service(NamedTuple):
    """Both processes of a service."""

    web: Web
    worker: Worker


@pytest.fixture(scope="module")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start a web server and a worker on the tests' database."""
    del django_db_setup
    folder = tmp_path_factory.mktemp("service")
    started = Service(worker=Worker(folder), web=Web(folder))
    yield started
    for one in started:
        one.running.make_sure_it_is_gone()


@pytest.fixture
def world(service: Service) -> str:
    if service.web.running.process.poll() is not None:
        service.web.start()
    found_world("demo", "ada", "bob")
    return f"{service.web.address}/worlds/demo/"


def unforgiven(watched: Watched) -> list[str]:
    """Give what went wrong beyond the server's absence."""
    return [wrong for wrong in watched.wrong if not any(noted in wrong for noted in NOTED)]


def told(page: Page, words: str) -> None:
    expect(page.locator("#draft-said")).to_contain_text(words)


def kept() -> set[str]:
    return {json.loads(draft.content)["fields"]["to"] for draft in Draft.objects.all()}


def submit_what_compiles_long(page: Page) -> Locator:
    """Submit it, and mark the page, so that a reload would show; give its cell, which runs."""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(SLOW_ZIG)
    page.keyboard.press("Shift+Enter")
    cell = page.locator("#cells .cell").last
    expect(cell.locator(".elapsed")).to_be_visible(timeout=ENDS_MS)
    page.evaluate("window.stayed = true")
    return cell


def test_a_server_and_a_worker_killed_in_mid_compile_lose_nothing_on_the_page(
    browser: Browser, world: str, session: str, service: Service
) -> None:
    watched = open_as(browser, session, f"{world}?example=zig")
    page = watched.page
    cell = submit_what_compiles_long(page)

    for one in service:
        one.running.make_sure_it_is_gone()
    page.locator("#field-module_id").fill("typed while nobody listens")
    told(page, "Your text is kept in this browser")
    expect(page.locator("#pulse")).to_have_attribute("data-state", "lost")
    expect(cell).to_contain_text("compile clock from clock.zig")
    for one in service:
        one.start()

    told(page, "Saved")
    expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    expect(cell.locator(".status")).to_have_text("applied", timeout=ENDS_MS)
    expect(page.locator("section:has(#artifacts-title) tbody tr")).to_have_count(1)
    expect(page.locator("#field-module_id")).to_have_value("typed while nobody listens")
    assert page.evaluate("window.stayed") is True
    job = CompileJob.objects.get()
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert json.loads(Draft.objects.get().content)["fields"]["module_id"].startswith("typed")
    assert unforgiven(watched) == []
    assert verify_world("demo").ok


def test_a23_two_browsers_that_wrote_while_the_server_was_gone_are_shown_both_texts(
    browser: Browser, world: str, session: str, service: Service
) -> None:
    first = open_as(browser, session, f"{world}?decision=move_agent")
    first.page.locator("#field-to").fill("start")
    told(first.page, "Saved")
    second = open_as(browser, session, world)
    expect(second.page.locator("#field-to")).to_have_value("start")

    service.web.running.make_sure_it_is_gone()
    for watched, text in ((first, "mine"), (second, "theirs")):
        watched.page.locator("#field-to").fill(text)
        told(watched.page, "Your text is kept in this browser")
    service.web.start()

    late = first if in_conflict(first, second) else second
    conflict = late.page.locator("#conflict")
    own = late.page.locator("#field-to").input_value()
    assert own == ("mine" if late is first else "theirs")
    expect(conflict).to_contain_text("to: theirs" if late is first else "to: mine")
    late.page.get_by_role("button", name="Keep both as two drafts").click()
    expect(conflict).to_have_count(0)
    expect(late.page.locator("#field-to")).to_have_value(own)
    assert kept() == {"mine", "theirs"}
    assert unforgiven(first) == unforgiven(second) == []


def in_conflict(first: Watched, second: Watched) -> bool:
    """Wait until one of two pages is told of a conflict; say whether it is the first."""
    for _ in range(300):
        if first.page.locator("#conflict").count():
            return True
        if second.page.locator("#conflict").count():
            return False
        first.page.wait_for_timeout(100)
    message = "neither page was told of a conflict"
    raise AssertionError(message)


def test_a_page_closed_while_the_server_was_gone_opens_again_with_what_was_written(
    browser: Browser, world: str, session: str, service: Service
) -> None:
    page = open_as(browser, session, f"{world}?decision=move_agent").page
    service.web.running.make_sure_it_is_gone()
    page.locator("#field-to").fill("precious")
    told(page, "Your text is kept in this browser")
    page.goto("about:blank")
    service.web.start()

    page.goto(world)

    expect(page.locator("#field-to")).to_have_value("precious")
    assert kept() == {"precious"}
