"""Coming in by an invitation: once, in time, with an account that is there or a new one."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.models.teams import Invitation, WorldChange
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.changes import By
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.invitations import Wanted, invite, revoke_invitation
from lifecycle.usecases.members import change_role, remove_member
from tests.notebook.people import PASSWORD, account, browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db
NEW = {"username": "zoe", "password1": PASSWORD, "password2": PASSWORD}


def invited(role: str = "operator", slug: str = "demo") -> str:
    """Make an invitation and give its code."""
    return invite(get_any_world(slug), Wanted(role), By("ivy", "notebook")).code


def opened(code: str, client: Client | None = None) -> Client:
    """Open an invitation in a browser."""
    client = client or Client()
    answer = client.post("/invitations/", {"code": code})
    assert answer.headers["Location"] == "/invitations/join/"
    return client


def test_somebody_new_makes_an_account_and_is_a_member_and_logged_in() -> None:
    found_world()
    client = opened(invited())
    page = text_of(client.get("/invitations/join/"))
    assert "ivy invites you into the world <strong>demo</strong>" in page

    answer = client.post("/invitations/join/", NEW)

    assert answer.headers["Location"] == "/worlds/demo/"
    assert Membership.objects.get().role == Role.OPERATOR
    assert User.objects.get().check_password(PASSWORD)
    assert client.get("/worlds/demo/").status_code == 200


def test_somebody_with_an_account_logs_in_and_joins() -> None:
    found_world()
    account("zoe", password=PASSWORD)
    client = opened(invited("auditor"))
    form = {"username": "zoe", "password": PASSWORD, "next": "/invitations/join/"}
    assert client.post("/login/", form).headers["Location"] == "/invitations/join/"
    assert "Join as zoe" in text_of(client.get("/invitations/join/"))

    client.post("/invitations/join/")

    assert Membership.objects.get().role == Role.AUDITOR
    assert client.get("/worlds/demo/team/").status_code == 200


def test_a09_the_code_is_in_no_address_and_not_in_the_session() -> None:
    found_world()
    code = invited()
    client = opened(code)

    assert code not in str(dict(client.session))
    assert client.get(f"/invitations/{code}/").status_code == 404
    # A code in the query would be in access logs; it opens nothing there.
    assert code not in text_of(client.get("/invitations/", {"code": code}))


def test_the_whole_link_may_be_pasted_with_white_space_around() -> None:
    found_world()

    opened(f"  http://testserver/invitations/#{invited()}\n")


def test_an_invitation_lets_one_person_in() -> None:
    found_world()
    code = invited()
    opened(code).post("/invitations/join/", NEW)

    answer = Client().post("/invitations/", {"code": code})

    assert answer.status_code == 410
    assert "was used already" in text_of(answer)


def test_of_two_who_opened_one_invitation_the_second_gets_no_account() -> None:
    found_world()
    code = invited()
    first, second = opened(code), opened(code)
    first.post("/invitations/join/", NEW)

    answer = second.post("/invitations/join/", {**NEW, "username": "mallory"})

    assert answer.status_code == 410
    assert list(User.objects.values_list("username", flat=True)) == ["zoe"]


def test_an_expired_invitation_says_so() -> None:
    found_world()
    code = invited()
    client = opened(code)
    Invitation.objects.update(expires_at=utc_now() - timedelta(seconds=1))

    for answer in (
        Client().post("/invitations/", {"code": code}),
        client.post("/invitations/join/", NEW),
    ):
        assert answer.status_code == 410
        assert "has expired" in text_of(answer)
    assert not User.objects.exists()


def test_a_revoked_invitation_says_so() -> None:
    found_world()
    world = get_any_world("demo")
    code = invited()
    client = opened(code)
    revoke_invitation(world, Invitation.objects.get().invitation_id, By("eve", "notebook"))

    for answer in (
        Client().post("/invitations/", {"code": code}),
        client.get("/invitations/join/"),
    ):
        assert answer.status_code == 410
        assert "was revoked" in text_of(answer)


@pytest.mark.parametrize("code", ["", "wsi_", "wsi_" + "x" * 43, "wst_x", "wsi_\0", "é" * 50])
def test_an_unknown_code_opens_nothing(code: str) -> None:
    found_world()
    invited()

    answer = Client().post("/invitations/", {"code": code})

    assert answer.status_code == 404
    assert "no invitation with this code" in text_of(answer)


def test_a_member_keeps_the_role_and_the_invitation_stays_open() -> None:
    found_world()
    client = opened(invited("viewer"), browser_of("eve", Role.MAINTAINER))

    answer = client.post("/invitations/join/")

    assert answer.status_code == 409
    assert "is a member of the world" in text_of(answer)
    assert Membership.objects.get().role == Role.MAINTAINER
    assert Invitation.objects.get().used_at is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "-zoe"}, "starting with a letter or digit"),
        ({"username": "z@e"}, "Use 1 to 64"),
        ({"username": "<script>"}, "&lt;script&gt;"),
        ({"username": "z" * 65}, "Use 1 to 64"),
        ({"username": "EVE"}, "This name is taken"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password", "password2": "password"}, "too common"),
        ({"password2": "another one"}, "match"),
    ],
)
def test_a21_a_name_or_password_that_will_not_do_is_refused_beside_its_field(
    change: dict[str, str], said: str
) -> None:
    found_world()
    account("eve")
    client = opened(invited())

    answer = client.post("/invitations/join/", {**NEW, **change})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert User.objects.count() == 1


def test_without_an_opened_invitation_there_is_nothing_to_join() -> None:
    assert Client().get("/invitations/join/").headers["Location"] == "/invitations/"
    assert Client().post("/invitations/join/", NEW).headers["Location"] == "/invitations/"
    assert not User.objects.exists()


@pytest.mark.parametrize("way", ["removed", "demoted", "deactivated"])
def test_a13_an_invitation_ends_with_the_right_of_who_made_it(way: str) -> None:
    """Else a maintainer who was removed would come back by an invitation of his own."""
    found_world()
    world, maya = get_any_world("demo"), account("maya", Role.MAINTAINER)
    account("mo", Role.MAINTAINER)
    code = invite(world, Wanted("maintainer", days="90"), By("maya", "notebook")).code
    others = invite(world, Wanted("viewer"), By("mo", "notebook")).code
    client = opened(code)

    if way == "removed":
        remove_member(world, "maya", By("mo", "notebook"))
    elif way == "demoted":
        change_role(world, "maya", Role.VIEWER, By("mo", "notebook"))
    else:
        User.objects.filter(pk=maya.pk).update(is_active=False)

    assert "was revoked" in text_of(client.post("/invitations/join/", NEW))
    assert "was revoked" in text_of(Client().post("/invitations/", {"code": code}))
    assert not User.objects.filter(username="zoe").exists()
    revoked = Invitation.objects.exclude(revoked_at=None)
    assert [row.invited_by for row in revoked] == ([] if way == "deactivated" else ["maya"])
    noted = WorldChange.objects.filter(subject="invitation", after=None)
    assert noted.count() == len(revoked)
    assert opened(others).get("/invitations/join/").status_code == 200
