"""The list of worlds shows an account its worlds, and no more."""

import pytest
from django.test import Client

from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of, text_of
from tests.service import deploy, found_world, wasm

pytestmark = pytest.mark.django_db


def test_a_member_sees_where_the_world_is() -> None:
    found_world("demo", "ada", "bob", "cy")
    deploy("ada", wasm())

    page = browser_of("eve", Role.VIEWER).get("/")

    [shown] = page.context["cards"]
    card = shown["world"]
    assert shown["role"] == Role.VIEWER
    assert (card.slug, card.seq, card.agents, card.artifacts) == ("demo", 6, 3, 1)
    assert 'href="/worlds/demo/"' in text_of(page)


def test_a_world_of_others_is_not_listed() -> None:
    found_world()
    found_world("theirs")

    page = browser_of("eve", Role.VIEWER).get("/")

    assert "theirs" not in text_of(page)


def test_who_has_no_world_is_told_how_one_is_made() -> None:
    found_world()

    page = browser_of("eve").get("/")

    assert "manage.py create_world" in text_of(page)


def test_who_is_not_logged_in_is_sent_to_the_log_in() -> None:
    page = Client().get("/")

    assert page.status_code == 302
    assert page.headers["Location"] == "/login/?next=/"
