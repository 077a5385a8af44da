"""Error pages look like the others and tell nothing of the machine."""

import pytest
from django.http import HttpRequest
from django.test import Client
from django.views.defaults import bad_request, permission_denied, server_error

from tests.notebook.people import text_of

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


def test_a_form_without_its_token_is_refused_in_words() -> None:
    page = Client(enforce_csrf_checks=True).post("/login/", {"username": "eve"})

    assert page.status_code == 403
    assert "The form is too old" in text_of(page)
