"""Founding a world by the page: who may, by which rules, and what the founder is then."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client

from lifecycle.models.worlds import Membership, World
from tests.notebook.people import account, browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db


def root() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def founder() -> Client:
    permitted = account("eve")
    permitted.user_permissions.add(Permission.objects.get(codename="add_world"))
    client = Client()
    client.force_login(permitted)
    return client


def test_an_account_founds_no_world_unless_it_may() -> None:
    client = browser_of("eve")

    assert "Found a world" not in text_of(client.get("/"))
    assert client.post("/", {"slug": "harbour"}).status_code == 403
    assert not World.objects.exists()


def test_who_was_permitted_founds_a_world_and_maintains_it() -> None:
    client = founder()
    assert "Found a world" in text_of(client.get("/"))

    answer = client.post("/", {"slug": "harbour"})

    assert answer.headers["Location"] == "/worlds/harbour/"
    member = Membership.objects.get()
    assert (member.account.get_username(), member.role) == ("eve", "maintainer")
    assert client.get("/worlds/harbour/team/").status_code == 200


def test_with_the_setting_every_account_founds_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = settings.ENVIRONMENT.model_copy(update={"accounts_found_worlds": True})
    monkeypatch.setattr(settings, "ENVIRONMENT", open_to_all)

    browser_of("eve").post("/", {"slug": "harbour"})

    assert Membership.objects.get().role == "maintainer"


def test_a_superuser_founds_worlds_and_is_a_member_of_them() -> None:
    root().post("/", {"slug": "harbour"})

    assert Membership.objects.get().account.get_username() == "root"


@pytest.mark.parametrize("slug", ["", "a.b", "-a", "a/b", "x" * 65, "<script>", "demo"])
def test_a_slug_that_will_not_do_is_refused_and_kept_in_the_form(slug: str) -> None:
    found_world()

    answer = root().post("/", {"slug": slug})

    assert answer.status_code == 422
    assert "<script>" not in text_of(answer)
    assert World.objects.count() == 1
