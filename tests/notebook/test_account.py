"""One's own account: its roles, its password, and sessions that end when they should."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.models.worlds import Role
from tests.notebook.people import PASSWORD, account, browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db
NEW = "a new and better battery"


def logged_in() -> Client:
    client = Client()
    assert client.login(username="eve", password=PASSWORD)
    return client


def test_the_account_shows_its_worlds_and_roles() -> None:
    found_world()

    assert "demo</a> as auditor" in text_of(browser_of("eve", Role.AUDITOR).get("/account/"))


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one() -> None:
    account("eve", password=PASSWORD)
    here, elsewhere = logged_in(), logged_in()
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    answer = here.post("/account/password/", form, follow=True)

    assert "Other sessions have ended" in text_of(answer)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert User.objects.get().check_password(NEW)


@pytest.mark.parametrize(
    "change", [{"old_password": "wrong"}, {"new_password1": "12345678"}, {"new_password2": "x"}]
)
def test_a_password_that_will_not_do_changes_nothing(change: dict[str, str]) -> None:
    account("eve", password=PASSWORD)
    client = logged_in()
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, **change}

    page = text_of(client.post("/account/password/", form))

    assert 'role="alert"' in page
    assert User.objects.get().check_password(PASSWORD)


def test_a_deactivated_account_sees_nothing_from_then_on() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    assert client.get("/worlds/demo/").status_code == 200

    User.objects.update(is_active=False)

    assert client.get("/worlds/demo/").status_code == 302
    assert client.get("/api/v1/worlds/demo/").status_code in {401, 403}


def test_the_cookies_are_kept_from_scripts_and_other_sites() -> None:
    account("eve", password=PASSWORD)
    client = Client()

    client.post("/login/", {"username": "eve", "password": PASSWORD})

    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
