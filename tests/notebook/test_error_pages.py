"""Error pages look like the others and tell nothing of the machine."""

import io
import logging
from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import Client
from django.views.defaults import bad_request, permission_denied, server_error

from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_a_404_in_the_same_style() -> None:
    page = Client().get("/nowhere/<script>/")

    assert page.status_code == 404
    assert "There is nothing here" in text_of(page)
    assert "nowhere" not in text_of(page)


def test_a_failure_tells_nothing_of_its_reason() -> None:
    page = server_error(HttpRequest())

    assert page.status_code == 500
    assert "The service failed" in page.content.decode()


@pytest.mark.parametrize(("view", "status"), [(bad_request, 400), (permission_denied, 403)])
def test_refusals_of_django_do_not_repeat_the_exception(view: object, status: int) -> None:
    assert callable(view)
    page = view(HttpRequest(), Exception("the secret of this machine"))

    assert page.status_code == status
    assert b"secret" not in page.content


def logged(ask: Callable[[], object]) -> str:
    """Give what is written to the log while a page is asked for."""
    console = next(each for each in logging.getLogger().handlers if each.name == "console")
    assert isinstance(console, logging.StreamHandler)
    written = io.StringIO()
    before = console.setStream(written)
    try:
        ask()
    finally:
        console.setStream(before)
    return written.getvalue()


def test_a_page_that_may_not_be_seen_is_one_line_of_the_log() -> None:
    found_world()
    viewer = browser_of("vic", Role.VIEWER)

    line = logged(lambda: viewer.post("/worlds/demo/runs/"))

    assert "Forbidden" in line
    assert line.count("\n") == 1


def test_a_page_that_fails_is_logged_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    found_world()
    monkeypatch.setattr("lifecycle.notebook.pages.visit", None)
    viewer = browser_of("vic", Role.VIEWER)
    viewer.raise_request_exception = False

    assert "Traceback" in logged(lambda: viewer.get("/worlds/demo/modules/"))


def test_a_form_without_its_token_is_refused_in_words() -> None:
    page = Client(enforce_csrf_checks=True).post("/login/", {"username": "eve"})

    assert page.status_code == 403
    assert "The form is too old" in text_of(page)
