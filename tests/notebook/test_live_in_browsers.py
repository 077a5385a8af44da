"""A world's page by its stream, in real browsers at the real server: live, lost, ended, unseen."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.compile import claim, renew
from tests.notebook.chromium import Watched, bring_session, open_page
from tests.notebook.people import GOOD_WAT, browser_of
from tests.service import compile_source, decide, found_world
from tests.serving import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a web server on the tests' database."""
    del django_db_setup
    started = Web(tmp_path_factory.mktemp("web"))
    yield started
    started.running.make_sure_it_is_gone()


@pytest.fixture
def world(web: Web) -> str:
    """Found the demo world; give its page's address."""
    if web.running.process.poll() is not None:
        web.start()
    found_world("demo", "ada", "bob")
    return f"{web.address}/worlds/demo/"


def visit(browser: Browser, address: str, name: str, role: Role = Role.OPERATOR) -> Watched:
    """Open the world as a new member of it, and wait until the page is live."""
    watched = open_page(browser)
    watched.page.set_default_navigation_timeout(60_000)
    give_session(watched.page, address, name, role)
    watched.page.goto(address)
    expect(watched.page.locator("#pulse")).to_have_attribute("data-state", "live")
    return watched


def give_session(page: Page, address: str, name: str, role: Role | None) -> None:
    """Log a browser in without the log-in page."""
    session = browser_of(name, role).cookies["sessionid"].value
    bring_session(page, session, address)


def shows_event(page: Page, seq: int) -> None:
    """Wait until the page is drawn as of an event."""
    expect(page.locator("#live-version")).to_have_attribute("data-seq", str(seq))


def hide(page: Page, *, hidden: bool) -> None:
    """Put a page out of sight as a browser does with a tab in the background."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def test_two_browsers_see_each_other_and_what_happens_without_asking_for_it(
    browser: Browser, world: str
) -> None:
    eve, vera = visit(browser, world, "eve"), visit(browser, world, "vera", Role.VIEWER)
    expect(eve.page.locator("#presence")).to_have_text("vera is here too")
    expect(vera.page.locator("#presence")).to_have_text("eve is here too")
    asked: list[str] = []
    vera.page.on("request", lambda request: asked.append(request.url))
    vera.page.wait_for_timeout(2500)
    assert asked == [], "nothing happened, so nothing was asked for"

    decide("ada", "wait")

    shows_event(eve.page, 5)
    shows_event(vera.page, 5)
    expect(vera.page.locator("#pulse-said")).to_have_text("Event 5")
    vera.page.close()
    expect(eve.page.locator("#presence")).to_be_hidden()
    assert (eve.wrong, vera.wrong) == ([], [])


def test_a_name_that_is_markup_is_shown_as_text(browser: Browser, world: str) -> None:
    eve = visit(browser, world, "eve").page

    visit(browser, world, "<img src=x onerror=alert(1)>")

    expect(eve.locator("#presence")).to_have_text("<img src=x onerror=alert(1)> is here too")
    assert eve.locator("#presence img").count() == 0


def test_a15_a_server_that_was_gone_leaves_no_hole_on_the_page(
    browser: Browser, world: str, web: Web
) -> None:
    page = visit(browser, world, "eve").page
    visit(browser, world, "vera")
    expect(page.locator("#presence")).to_have_text("vera is here too")
    page.evaluate("window.stayed = true")
    web.running.make_sure_it_is_gone()
    expect(page.locator("#pulse")).to_have_attribute("data-state", "lost")
    # Who looks is not known without a line.
    expect(page.locator("#presence")).to_be_hidden()
    expect(page.locator("#pulse-said")).to_have_text("No connection; trying again")

    for _ in range(3):
        decide("ada", "wait")
    web.start()

    shows_event(page, 7)
    expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    for seq in (5, 6, 7):
        expect(page.locator(".cell .seq", has_text=str(seq)).first).to_be_visible()
    expect(page.locator("#presence")).to_have_text("vera is here too")
    expect(page.locator("#presence")).to_be_visible()
    assert page.evaluate("window.stayed") is True


def end_session() -> None:
    Session.objects.all().delete()


def end_membership() -> None:
    Membership.objects.all().delete()


@pytest.mark.parametrize(
    ("end", "words"),
    [(end_session, "Your session has ended"), (end_membership, "You can see this world no more")],
)
def test_a17_the_page_says_that_its_session_ended_and_goes_nowhere(
    browser: Browser, world: str, end: object, words: str
) -> None:
    page = visit(browser, world, "eve").page
    page.evaluate("window.typed = 'kept'")

    assert callable(end)
    end()

    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("#pulse")).to_have_attribute("data-state", "over")
    expect(page.get_by_role("link", name="Log in in another tab")).to_have_attribute(
        "href", "/login/?next=/worlds/demo/"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    decide("ada", "wait")
    page.wait_for_timeout(2500)
    assert (page.url, page.evaluate("window.typed"), asked) == (world, "kept", [])


def test_a17_who_logs_in_again_elsewhere_goes_on_with_the_same_page(
    browser: Browser, world: str
) -> None:
    page = visit(browser, world, "eve").page
    end_session()
    expect(page.get_by_role("alert")).to_be_visible()
    decide("ada", "wait")

    give_session(page, world, "eve-again", Role.OPERATOR)
    hide(page, hidden=False)

    shows_event(page, 5)
    expect(page.locator("#over")).to_be_hidden()
    expect(page.locator("#pulse")).to_have_attribute("data-state", "live")


def test_a_page_that_nobody_sees_asks_nothing_and_is_up_to_date_when_seen(
    browser: Browser, world: str
) -> None:
    page = visit(browser, world, "eve").page
    page.wait_for_timeout(500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide(page, hidden=True)

    decide("ada", "wait")
    page.wait_for_timeout(2500)
    assert asked == []
    hide(page, hidden=False)

    shows_event(page, 5)


def test_a19_what_a_compiler_says_while_it_runs_appears_as_text(
    browser: Browser, world: str
) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    watched = visit(browser, world, "eve")
    job = CompileJob.objects.get()
    lease = claim(job.pk)
    assert lease is not None
    logs = watched.page.get_by_role("region", name="What the compiler of clock says")

    renew(lease, "one\n<script>window.ran = 1</script>")

    expect(logs).to_have_text(["one\n<script>window.ran = 1</script>"] * 2)
    renew(lease, "one\ntwo")
    expect(logs).to_have_text(["one\ntwo"] * 2)
    for place in ("#panels", f"#cell-{job.decision_id}"):
        expect(watched.page.locator(place).locator("pre")).to_be_visible()
    assert watched.page.evaluate("window.ran") is None
    assert watched.wrong == []
