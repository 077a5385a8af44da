"""An invitation from end to end, by two people in two browsers."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from lifecycle.models.worlds import Membership, Role
from tests.notebook.chromium import log_in, open_page
from tests.notebook.people import PASSWORD, account
from tests.service import found_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


def make_account(page: Page, link: str) -> None:
    """Follow a link, by the keyboard once the page is there, and join as somebody new."""
    page.goto(link)
    expect(page.get_by_label("Link or code")).to_have_value(link.partition("#")[2])
    # Out of the address bar before it can be seen or kept there.
    assert page.url == link.partition("#")[0]
    page.keyboard.press("Enter")
    page.get_by_label("Account").fill("zoe")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_maintainer_invites_and_removes_somebody_who_makes_an_account(
    browser: Browser, live_server: LiveServer
) -> None:
    found_world()
    account("eve", Role.MAINTAINER, password=PASSWORD)
    hers = open_page(browser)
    log_in(hers, f"{live_server.url}/worlds/demo/team/", "eve", PASSWORD)
    hers.page.get_by_label("Operator").check()
    hers.page.get_by_role("button", name="Make an invitation").click()
    link = hers.page.locator(".once code").inner_text()

    his = open_page(browser)
    asked: list[str] = []
    his.page.on("request", lambda request: asked.append(request.url))
    make_account(his.page, link)
    his.page.wait_for_url(f"{live_server.url}/worlds/demo/")
    assert not [url for url in asked if "wsi_" in url.partition("#")[0]]
    assert Membership.objects.get(account__username="zoe").role == Role.OPERATOR
    # Later the page asks for a world that is not there any more, as it should.
    assert his.wrong == []

    hers.page.reload()
    hers.page.get_by_role("link", name="Change zoe").click()
    hers.page.get_by_role("button", name="Remove zoe").click()
    expect(hers.page.get_by_text("zoe is no member any more.")).to_be_visible()
    assert hers.wrong == []
    answer = his.page.reload()
    assert answer is not None
    assert answer.status == 404


def test_who_ticks_agents_of_an_operator_means_only_these(
    browser: Browser, live_server: LiveServer
) -> None:
    found_world("demo", "ada", "bob")
    account("eve", Role.MAINTAINER, password=PASSWORD)
    account("olaf", Role.OPERATOR)
    hers = open_page(browser)
    log_in(hers, f"{live_server.url}/worlds/demo/team/olaf/", "eve", PASSWORD)
    everybody = hers.page.get_by_label("All agents of this world")
    expect(everybody).to_be_checked()

    hers.page.get_by_label("ada").check()
    expect(hers.page.get_by_label("Only these")).to_be_checked()
    everybody.check()
    expect(hers.page.get_by_label("ada")).not_to_be_checked()
    hers.page.get_by_label("bob").check()
    hers.page.get_by_role("button", name="Set the agents").click()

    expect(hers.page.get_by_text("olaf is changed.")).to_be_visible()
    assert Membership.objects.get(account__username="olaf").acts_for == '["bob"]'
    assert hers.wrong == []
