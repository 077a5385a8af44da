"""`invite` and `members`."""

import pytest
from django.core.management import CommandError
from django.test import Client

from lifecycle.models.teams import Invitation, WorldChange
from lifecycle.models.worlds import Membership
from tests.management.calling import facts, said

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def test_the_code_stands_alone_on_standard_output_and_lets_its_finder_in() -> None:
    said("create_world", "harbour")

    printed = said("invite", "harbour", "--role", "maintainer")

    client = Client()
    client.post("/invitations/", {"code": printed})
    form = {"username": "zoe", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/invitations/join/", form)
    assert Membership.objects.get().account.get_username() == "zoe"
    assert said("members", "harbour") == "maintainer  zoe\n"
    assert facts("members", "harbour")["members"] == [
        {"account": "zoe", "role": "maintainer", "active": True, "acts_for": None}
    ]


def test_the_record_says_that_an_operator_invited() -> None:
    said("create_world", "harbour")

    document = facts("invite", "harbour", "--role", "viewer", "--days", "1", "--note", "zoe")

    assert document["code"].startswith("wsi_")
    change = WorldChange.objects.get()
    assert (change.account, change.channel, change.after) == (None, "command", "viewer")


def test_what_cannot_be_is_refused_and_no_invitation_is_made() -> None:
    said("create_world", "harbour")

    with pytest.raises(CommandError, match="viewer, operator"):
        said("invite", "harbour", "--role", "owner")
    with pytest.raises(CommandError, match="no world"):
        said("invite", "elsewhere", "--role", "viewer")

    assert not Invitation.objects.exists()
