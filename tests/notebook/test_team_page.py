"""The team page: everybody of the world sees it, a maintainer changes it, one always remains."""

import re

import pytest
from django.test import Client

from lifecycle.models.runs import AgentRun
from lifecycle.models.teams import Invitation, WorldChange
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import start_run
from tests.notebook.people import account, browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db
TEAM = "/worlds/demo/team/"


def role_of(name: str) -> str | None:
    row = Membership.objects.filter(account__username=name).first()
    return None if row is None else row.role


def code_on(page: str) -> str:
    found = re.search(r"#(wsi_[\w-]{43})<", page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("role", Role)
def test_every_member_sees_who_belongs_to_the_world(role: Role) -> None:
    found_world()
    account("ben", Role.OPERATOR)

    page = text_of(browser_of("eve", role).get(TEAM))

    assert "ben" in page
    assert "Operator" in page
    assert ("Make an invitation" in page) is (role is Role.MAINTAINER)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.AUDITOR])
def test_only_a_maintainer_invites_changes_and_removes(role: Role) -> None:
    found_world()
    account("ben", Role.MAINTAINER)
    account("zoe", Role.MAINTAINER)
    client = browser_of("eve", role)

    answers = [
        client.post(TEAM, {"role": "maintainer", "days": "7"}),
        client.get(f"{TEAM}ben/"),
        client.post(f"{TEAM}ben/", {"role": "viewer"}),
        client.post(f"{TEAM}ben/", {"remove": "yes"}),
        client.post(f"{TEAM}eve/", {"role": "maintainer"}),
        client.post(f"{TEAM}invitations/nothing/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert not Invitation.objects.exists()
    assert (role_of("ben"), role_of("eve")) == ("maintainer", role.value)


def test_a09_an_invitation_is_shown_once_and_kept_as_a_digest() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(TEAM, {"role": "operator", "note": "zoe@example.org", "days": "3"})

    code = code_on(text_of(answer))
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"http://testserver/invitations/#{code}<" in text_of(answer)
    again = text_of(client.get(TEAM))
    assert code not in again
    assert code[:12] in again
    assert "zoe@example.org" in again
    stored = Invitation.objects.values().get()
    assert code not in str(stored)
    assert code not in str(list(WorldChange.objects.values()))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"role": "owner", "days": "7"}, "role"),
        ({"role": "viewer", "days": "0"}, "days"),
        ({"role": "viewer", "days": "91"}, "days"),
        ({"role": "viewer", "days": "1e1"}, "days"),
        ({"role": "viewer", "days": "7", "note": "n" * 255}, "note"),
        ({"role": "viewer", "days": "7", "note": "a\nb"}, "note"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_by_field(form: dict[str, str], field: str) -> None:
    found_world()

    answer = browser_of("eve", Role.MAINTAINER).post(TEAM, form)

    assert answer.status_code == 422
    assert f"parameter {field}" in text_of(answer)
    assert not Invitation.objects.exists()


def test_a_role_is_changed_and_the_change_is_on_the_page() -> None:
    found_world()
    account("ben", Role.VIEWER)
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(f"{TEAM}ben/", {"role": "operator"}, follow=True)

    assert role_of("ben") == "operator"
    assert "viewer → operator" in text_of(answer)
    assert "by eve" in text_of(answer)


def test_a_role_that_there_is_not_is_refused() -> None:
    found_world()
    account("ben", Role.VIEWER)

    answer = browser_of("eve", Role.MAINTAINER).post(f"{TEAM}ben/", {"role": "god"})

    assert answer.status_code == 422
    assert role_of("ben") == "viewer"


@pytest.mark.parametrize("form", [{"role": "viewer"}, {"remove": "yes"}])
def test_the_last_maintainer_stays_one(form: dict[str, str]) -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    account("ben", Role.OPERATOR)

    answer = client.post(f"{TEAM}eve/", form)

    assert answer.status_code == 422
    assert "only maintainer" in text_of(answer)
    assert role_of("eve") == "maintainer"


def test_a_deactivated_maintainer_does_not_count_as_one() -> None:
    found_world()
    asleep = account("ben", Role.MAINTAINER)
    asleep.is_active = False
    asleep.save()

    browser_of("eve", Role.MAINTAINER).post(f"{TEAM}eve/", {"remove": "yes"})

    assert role_of("eve") == "maintainer"


def test_a_member_may_leave_and_is_asked_first() -> None:
    found_world()
    client = browser_of("eve", Role.VIEWER)

    asked = text_of(client.get(f"{TEAM}eve/"))
    assert "Leave this world" in asked
    assert role_of("eve") == "viewer"
    client.post(f"{TEAM}eve/", {"remove": "yes"})

    assert role_of("eve") is None
    assert client.get("/worlds/demo/").status_code == 404


def test_a05_removal_ends_access_at_once_in_open_sessions_too() -> None:
    found_world()
    theirs = browser_of("ben", Role.OPERATOR)
    assert theirs.get("/worlds/demo/").status_code == 200
    assert theirs.get("/api/v1/worlds/demo/").status_code == 200

    browser_of("eve", Role.MAINTAINER).post(f"{TEAM}ben/", {"remove": "yes"})

    for address in ("/worlds/demo/", "/worlds/demo/live/", TEAM, "/api/v1/worlds/demo/"):
        assert theirs.get(address).status_code == 404


def test_the_runs_that_a_removed_member_started_are_stopped() -> None:
    found_world()
    account("ben", Role.MAINTAINER)
    model = RunRequest("demo", "ada", "scripted", "http://127.0.0.1:9/v1", turns=9, account="ben")
    start_run(model)
    other = model._replace(agent_id="bob", account="eve")
    start_run(other)

    browser_of("eve", Role.MAINTAINER).post(f"{TEAM}ben/", {"remove": "yes"})

    states = dict(AgentRun.objects.values_list("account", "state"))
    assert states == {"ben": "stopped", "eve": "running"}


def test_a07_an_invitation_of_another_world_is_not_revoked_through_ones_own() -> None:
    found_world()
    found_world("theirs")
    browser_of("zoe", Role.MAINTAINER, world="theirs").post(
        "/worlds/theirs/team/", {"role": "viewer", "days": "7"}
    )
    invitation = Invitation.objects.get()
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(f"{TEAM}invitations/{invitation.invitation_id}/")

    assert answer.status_code == 404
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_a_form_without_its_token_changes_nothing() -> None:
    found_world()
    eve = account("eve", Role.MAINTAINER)
    account("ben", Role.VIEWER)
    client = Client(enforce_csrf_checks=True)
    client.force_login(eve)

    assert client.post(TEAM, {"role": "viewer", "days": "7"}).status_code == 403
    assert client.post(f"{TEAM}ben/", {"remove": "yes"}).status_code == 403
    assert role_of("ben") == "viewer"


def test_the_record_of_changes_is_written_once() -> None:
    found_world()
    browser_of("eve", Role.MAINTAINER).post(TEAM, {"role": "viewer", "days": "7"})
    change = WorldChange.objects.latest("pk")

    with pytest.raises(TypeError, match="written once"):
        change.delete()
    with pytest.raises(TypeError, match="written once"):
        WorldChange.objects.update(account="nobody")


def test_the_agents_that_an_operator_acts_for_are_ticked_from_a_list() -> None:
    found_world("demo", "ada", "bob", "cyd")
    account("olaf", Role.OPERATOR)
    client = browser_of("eve", Role.MAINTAINER)
    address = "/worlds/demo/team/olaf/"

    client.post(address, {"limit": "some", "agents": ["ada", "cyd"]})

    page = text_of(client.get(address))
    for agent, sign in (("ada", " checked"), ("bob", ""), ("cyd", " checked")):
        assert f'type="checkbox" name="agents" value="{agent}"{sign}>' in page
    client.post(address, {"limit": "some"})
    assert Membership.objects.get(account__username="olaf").acts_for == "[]"
    client.post(address, {"limit": "all"})
    assert Membership.objects.get(account__username="olaf").acts_for is None


@pytest.mark.parametrize("limit", [{"limit": "all"}, {}, {"limit": "most"}])
def test_agents_named_without_only_these_are_refused_at_the_field_and_nothing_changes(
    limit: dict[str, str],
) -> None:
    found_world("demo", "ada", "bob")
    account("olaf", Role.OPERATOR)
    client = browser_of("eve", Role.MAINTAINER)
    address = "/worlds/demo/team/olaf/"
    client.post(address, {"limit": "some", "agents": ["ada"]})

    answer = client.post(address, {"agents": ["bob"], **limit})

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Agents are named, bob, but Only these is not chosen" in page
    assert page.index('id="limit-title"') < page.index("Agents are named, bob")
    assert 'name="agents" value="bob" checked' in page
    assert Membership.objects.get(account__username="olaf").acts_for == '["ada"]'


def test_a_limit_that_there_is_not_is_refused() -> None:
    found_world()
    account("olaf", Role.OPERATOR)
    client = browser_of("eve", Role.MAINTAINER)
    client.post("/worlds/demo/team/olaf/", {"limit": "some", "agents": ["ada"]})

    for limit in ("", "none", "<b>\0"):
        answer = client.post("/worlds/demo/team/olaf/", {"limit": limit})
        assert answer.status_code == 422
        assert "<b>" not in text_of(answer)
    assert Membership.objects.get(account__username="olaf").acts_for == '["ada"]'


def test_agents_are_typed_where_they_are_too_many_to_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifecycle.notebook.teams._MOST_TICKED", 1)
    found_world("demo", "ada", "bob")
    account("olaf", Role.OPERATOR)
    client = browser_of("eve", Role.MAINTAINER)

    client.post("/worlds/demo/team/olaf/", {"limit": "some", "agents": "ada, bob"})

    assert 'name="agents" value="ada bob"' in text_of(client.get("/worlds/demo/team/olaf/"))
