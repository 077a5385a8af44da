"""Log-ins are limited by account and by address, and nobody locks another one out cheaply."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.usecases import rates
from tests.notebook.people import PASSWORD, account, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"login_attempts": 3, "login_attempts_per_address": 6, "code_attempts": 3}
    # All at one moment: on a slow machine something would come back meanwhile.
    monkeypatch.setattr(rates, "utc_now", lambda: NOW)
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=few))


def try_in(
    name: str,
    password: str,
    *,
    client: Client | None = None,
    address: str = "192.0.2.1",
    forwarded: str = "",
) -> Any:  # noqa: ANN401 - Django's test response
    """Send the log-in form from an address."""
    form = {"username": name, "password": password}
    headers = {"X-Forwarded-For": forwarded}
    return (client or Client()).post("/login/", form, REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize("name", ["eve", "nobody"])
def test_after_some_failures_an_account_is_closed_for_a_while_whether_it_exists_or_not(
    name: str,
) -> None:
    account("eve", password=PASSWORD)

    answers = [try_in(name, "wrong", address=f"192.0.2.{part}") for part in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300
    assert "Too many attempts" in text_of(answers[-1])
    assert name not in text_of(answers[-1])


def test_while_it_is_closed_the_right_password_is_not_looked_at() -> None:
    account("eve", password=PASSWORD)
    for _ in range(3):
        try_in("eve", "wrong")

    assert try_in("eve", PASSWORD).status_code == 429


def test_spellings_of_one_name_are_counted_together() -> None:
    account("eve", password=PASSWORD)
    for name in ("eve", " EVE", "\N{FULLWIDTH LATIN SMALL LETTER E}ve"):
        try_in(name, "wrong")

    assert try_in("eve", "wrong").status_code == 429


def test_what_succeeds_uses_nothing_up() -> None:
    account("eve", password=PASSWORD)

    assert [try_in("eve", PASSWORD).status_code for _ in range(8)] == [302] * 8


def test_a_browser_that_logged_in_before_is_not_locked_out_by_others() -> None:
    account("eve", password=PASSWORD)
    hers = Client()
    try_in("eve", PASSWORD, client=hers)
    hers.post("/logout/")

    for part in range(10):
        try_in("eve", "wrong", address=f"192.0.2.{part}")
    for number in range(10):
        try_in(f"nobody{number}", "wrong", address="198.51.100.7")

    assert try_in("eve", "wrong").status_code == 429
    assert try_in("eve", PASSWORD, client=hers, address="198.51.100.7").status_code == 302


def test_a_known_browser_has_a_limit_of_its_own() -> None:
    account("eve", password=PASSWORD)
    hers = Client()
    try_in("eve", PASSWORD, client=hers)
    hers.post("/logout/")

    answers = [try_in("eve", "wrong", client=hers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_the_mark_of_a_browser_opens_nothing_and_is_of_one_account() -> None:
    account("eve", password=PASSWORD)
    account("ben", password=PASSWORD)
    client = Client()
    answer = try_in("eve", PASSWORD, client=client)
    mark = answer.cookies["worldsim_browser"]
    assert (mark["httponly"], mark["samesite"], mark["path"]) == (True, "Strict", "/login/")
    client.post("/logout/")

    assert client.get("/").status_code == 302
    for _ in range(3):
        try_in("ben", "wrong", client=client)
    assert try_in("ben", PASSWORD, client=client).status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "eyJhIjoxfQ:1:2", "\u00e9"])
def test_a_forged_mark_counts_as_none(forged: str) -> None:
    client = Client()
    client.cookies["worldsim_browser"] = forged

    answers = [try_in("eve", "wrong", client=client).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]


def test_one_address_may_not_try_many_accounts() -> None:
    answers = [try_in(f"nobody{number}", "wrong").status_code for number in range(7)]

    assert answers == [200] * 6 + [429]


def test_a_forwarded_address_is_not_believed_unless_a_proxy_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answers() -> list[int]:
        return [
            try_in(f"nobody{number}", "wrong", forwarded=f"203.0.113.{number}").status_code
            for number in range(7)
        ]

    assert answers()[-1] == 429
    behind = settings.ENVIRONMENT.model_copy(update={"trusted_proxies": 1, "login_attempts": 0})
    monkeypatch.setattr(settings, "ENVIRONMENT", behind)
    assert answers() == [200] * 7


def test_codes_of_invitations_are_limited_by_address() -> None:
    codes = [
        Client().post("/invitations/", {"code": f"wsi_{number}"}, REMOTE_ADDR="192.0.2.1")
        for number in range(4)
    ]

    assert [answer.status_code for answer in codes] == [404, 404, 404, 429]
    other = Client().post("/invitations/", {"code": "wsi_x"}, REMOTE_ADDR="192.0.2.2")
    assert other.status_code == 404


def change(client: Client, old: str, new: str = "a new and better battery") -> Any:  # noqa: ANN401 - Django's test response
    """Send the form that changes a password."""
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/account/password/", form)


def test_an_open_session_is_no_place_to_guess_the_password() -> None:
    eve = account("eve", password=PASSWORD)
    here, elsewhere = Client(), Client()
    here.force_login(eve)
    elsewhere.force_login(eve)

    answers = [change(client, "wrong") for client in (here, elsewhere, here, elsewhere)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Too many attempts" in text_of(answers[-1])
    assert change(here, PASSWORD).status_code == 429
    eve.refresh_from_db()
    assert eve.check_password(PASSWORD)
    assert try_in("eve", PASSWORD).status_code == 302, "its owner can still log in"


def test_only_wrong_present_passwords_are_counted() -> None:
    client = Client()
    client.force_login(account("eve", password=PASSWORD))

    assert [change(client, PASSWORD, "12345678").status_code for _ in range(4)] == [200] * 4
    assert change(client, PASSWORD).status_code == 302
    assert change(client, "wrong").status_code == 200


def test_the_audit_has_no_form_of_its_own_for_the_password() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    form = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    address = "/admin/password_change/"

    for answer in (client.get(address), client.post(address, form)):
        assert answer.headers["Location"] == "/account/password/"
    assert address not in text_of(client.get("/admin/"))
