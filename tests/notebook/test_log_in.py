"""Logging in and out: only with the password, and never on to another site."""

import pytest
from django.test import Client

from tests.notebook.people import PASSWORD, account, text_of

pytestmark = pytest.mark.django_db


def log_in(where: str, password: str = PASSWORD, *, then: str = "") -> tuple[int, str]:
    account("eve", password=PASSWORD)
    form = {"username": "eve", "password": password, "next": then}
    answer = Client().post(where, form)
    return answer.status_code, answer.headers.get("Location", "")


def test_the_password_opens_the_worlds() -> None:
    assert log_in("/login/") == (302, "/")


def test_a_wrong_password_opens_nothing() -> None:
    assert log_in("/login/", "wrong") == (200, "")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_a13_the_log_in_leads_to_no_other_site(target: str) -> None:
    assert log_in("/login/", then=target) == (302, "/")


def test_a13_the_log_in_leads_back_to_the_page_that_was_asked_for() -> None:
    assert log_in("/login/", then="/worlds/demo/") == (302, "/worlds/demo/")


def test_logging_out_takes_a_form_and_ends_the_session() -> None:
    client = Client()
    client.force_login(account("eve"))

    assert client.get("/logout/").status_code == 405
    client.post("/logout/")

    assert client.get("/").status_code == 302


def test_the_log_in_page_labels_its_fields() -> None:
    page = text_of(Client().get("/login/"))

    assert "<label>Account" in page
    assert 'autocomplete="current-password"' in page


def test_the_log_in_page_leads_to_where_an_invitation_is_opened() -> None:
    assert 'href="/invitations/"' in text_of(Client().get("/login/"))
