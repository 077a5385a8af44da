"""axe-core finds no violation on the audit's pages and on the pages of errors, light or dark."""

from typing import Final

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, permission_denied, server_error
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from lifecycle.access.roles import grant
from lifecycle.models.worlds import Role, World
from lifecycle.notebook.logging_in import too_many
from lifecycle.usecases.errors import RateLimitedError
from tests.admin.auditing import fill_world
from tests.notebook.chromium import bring_session, open_page
from tests.notebook.test_accessibility import violations_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]
LOOKS: Final = [("light", 1280), ("dark", 1280), ("light", 360)]
# What a superuser's own pages are besides those of the tables.
OTHERS: Final = {
    "index": "/admin/",
    "application": "/admin/lifecycle/",
    "changed": "/admin/password_change/done/",
    "accounts": "/admin/auth/user/",
    "new account": "/admin/auth/user/add/",
    "nothing found": "/admin/lifecycle/artifact/?q=nothing",
    "nowhere": "/admin/nowhere/",
}


def addresses_of_the_audit() -> dict[str, str]:
    """Give the list of each table and the page of one of its rows."""
    found = dict(OTHERS)
    for model in apps.get_app_config("lifecycle").get_models():
        if admin.site.is_registered(model):
            name = model._meta.model_name or ""
            row = model._default_manager.first()
            assert row is not None, f"{name} has no row to show"
            found[name] = f"/admin/lifecycle/{name}/"
            found[f"one {name}"] = f"/admin/lifecycle/{name}/{row.pk}/change/"
    return found


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_no_violation_on_any_page_of_the_audit(
    browser: Browser, live_server: LiveServer, scheme: str, width: int
) -> None:
    fill_world()
    client = Client()
    root = User.objects.create_superuser("root")
    client.force_login(root)
    grant(World.objects.get(), root, Role.AUDITOR)
    page = open_page(browser, width=width, scheme=scheme).page
    bring_session(page, client.cookies["sessionid"].value, live_server.url)
    found = {}

    for name, address in addresses_of_the_audit().items():
        page.goto(live_server.url + address)
        found[name] = violations_on(page)
    page.context.close()

    assert {name: told for name, told in found.items() if told} == {}
    assert len(found) > 45


def error_pages() -> dict[str, str]:
    """Give the markup of each error page, as the service answers with it."""
    request: HttpRequest = RequestFactory().get("/worlds/demo/")
    request.user = User.objects.create_user("eve")
    answers = {
        "400": bad_request(request, Exception()),
        "403": permission_denied(request, Exception()),
        "403 of a form": csrf_failure(request),
        "429": too_many(request, RateLimitedError(None, {"retry_after_seconds": 7})),
        "500": server_error(request),
    }
    return {name: answer.content.decode() for name, answer in answers.items()}


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_no_violation_on_any_page_of_an_error(
    browser: Browser, live_server: LiveServer, scheme: str, width: int
) -> None:
    page = open_page(browser, width=width, scheme=scheme).page
    found = {}

    for name, markup in error_pages().items():
        show(page, live_server, markup)
        assert page.locator("h1").count() == 1
        found[name] = violations_on(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, wide) == (name, 0)
    page.context.close()

    assert {name: told for name, told in found.items() if told} == {}


def show(page: Page, server: LiveServer, markup: str) -> None:
    """Let a browser see an error page where it would, with its styles."""
    address = f"{server.url}/an-error/"
    page.route(address, lambda route: route.fulfill(body=markup, content_type="text/html"))
    page.goto(address)
    page.unroute(address)
