"""Founding a world by the page: who may, by which rules, and what the founder is then."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.access.roles import grant
from lifecycle.models.teams import Subject
from lifecycle.models.worlds import Membership, Role, World
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.invitations import Wanted, invite, join
from lifecycle.usecases.worlds import create_world
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


@pytest.fixture
def at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an account found two worlds."""
    few = settings.ENVIRONMENT.model_copy(update={"worlds_of_account": 2})
    monkeypatch.setattr(settings, "ENVIRONMENT", few)


@pytest.mark.usefixtures("at_most_two")
def test_an_account_founds_so_many_worlds_by_page_and_http_together() -> None:
    client = founder()
    client.post("/", {"slug": "one"})
    found_world("by-command")
    made = client.post("/api/v1/worlds/", {"slug": "two"}, content_type="application/json")

    page = client.post("/", {"slug": "three"})
    api = client.post("/api/v1/worlds/", {"slug": "three"}, content_type="application/json")

    assert (made.status_code, page.status_code, api.status_code) == (201, 422, 403)
    assert "You have founded 2 worlds, and an account may not found more." in text_of(page)
    assert "WORLDSIM_WORLDS_OF_ACCOUNT" in text_of(page)
    assert 'value="three"' in text_of(page)
    assert api.json()["code"] == "too_many_worlds"
    assert api.json()["facts"] == {"account": "eve", "maximum": 2}
    assert list(World.objects.values_list("slug", "founded_by")) == [
        ("by-command", None),
        ("one", "eve"),
        ("two", "eve"),
    ]


@pytest.mark.usefixtures("at_most_two")
def test_what_an_account_was_invited_to_does_not_count_and_a_refusal_uses_nothing_up() -> None:
    for slug in ("one", "two", "three"):
        found_world(slug)
        grant(World.objects.get(slug=slug), account(f"ben-{slug}"), Role.MAINTAINER)
    client = founder()
    for slug in ("one", "two", "three"):
        grant(World.objects.get(slug=slug), User.objects.get(username="eve"), Role.MAINTAINER)

    statuses = [client.post("/", {"slug": slug}).status_code for slug in ("one", "a", "b", "c")]

    assert statuses == [422, 303, 303, 422]


@pytest.mark.parametrize("who", [root, founder])
def test_without_a_limit_there_is_none(
    who: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    none = settings.ENVIRONMENT.model_copy(update={"worlds_of_account": 0})
    monkeypatch.setattr(settings, "ENVIRONMENT", none)
    client = who()

    assert [client.post("/", {"slug": f"w{n}"}).status_code for n in range(4)] == [303] * 4


def test_who_founded_a_world_before_is_found_in_its_record() -> None:
    client = founder()
    client.post("/", {"slug": "one"})
    found_world("other")
    invited = invite(get_any_world("other"), Wanted("maintainer"), By(None, "command"))
    join(invited.invitation.invitation_id, User.objects.get(username="eve"), channel="notebook")
    for slug, role, by in (("given", "maintainer", "root"), ("joined", "viewer", "eve")):
        create_world(slug)
        change = Change(Subject.MEMBER, "eve", None, role)
        note_change(get_any_world(slug).pk, change, By(by, "notebook"))
    World.objects.update(founded_by=None)

    migration = import_module("lifecycle.migrations.0013_founders")
    migration.name_founders(apps, None)

    named = World.objects.filter(founded_by__isnull=False)
    assert list(named.values_list("slug", "founded_by")) == [("one", "eve")]


@pytest.mark.parametrize("slug", ["one", "a b", ""])
def test_what_is_wrong_with_a_new_world_stands_at_its_field(slug: str) -> None:
    client = root()
    client.post("/", {"slug": "one"})

    page = text_of(client.post("/", {"slug": slug}))

    assert f'value="{slug}"' in page
    assert 'aria-invalid="true" aria-describedby="found-fault"' in page
    told = page.partition('id="found-fault"')[2].partition("</p>")[0]
    assert ("exists already" if slug == "one" else "not a valid id") in told
