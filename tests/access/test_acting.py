"""Operators who may act for named agents only: the same rule on every face."""

import json

import pytest
from django.contrib.auth.models import User

from lifecycle.access.callers import get_any_world
from lifecycle.models.decisions import Decision
from lifecycle.models.journal import JournalEvent
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.changes import By
from lifecycle.usecases.members import change_role, limit_operator
from tests.api.speaking import person, superuser
from tests.notebook.people import browser_of, send_decision, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db
EVE = By("eve", "notebook")
WAIT = {"decision": "wait"}


def limited(name: str, *agents: str) -> None:
    limit_operator(get_any_world("demo"), name, list(agents), EVE)


def test_an_operator_acts_for_all_agents_until_limited() -> None:
    found_world()
    ben = person("ben", Role.OPERATOR)

    assert ben.post("decisions/", {**WAIT, "agent_id": "bob"}).status == 201


def test_by_the_api_a_limited_operator_acts_for_the_named_agents_alone() -> None:
    found_world()
    ben = person("ben", Role.OPERATOR)
    limited("ben", "ada")
    before = JournalEvent.objects.count()

    refused = ben.post("decisions/", {**WAIT, "agent_id": "bob"})
    tried = ben.post("decisions/?dry_run=1", {**WAIT, "agent_id": "bob"})
    taken = ben.post("decisions/", {**WAIT, "agent_id": "ada"})

    assert (refused.status, refused.code) == (403, "acting_for_another")
    assert tried.status == 403
    assert taken.status == 201
    assert JournalEvent.objects.count() == before + 1
    assert Decision.objects.count() == 1


def test_on_the_page_a_limited_operator_acts_for_the_named_agents_alone() -> None:
    found_world()
    client = browser_of("ben", Role.OPERATOR)
    limited("ben", "ada")
    before = JournalEvent.objects.count()

    assert send_decision(client, "wait", agent="bob").status_code == 403
    assert JournalEvent.objects.count() == before
    send_decision(client, "wait", agent="ada")
    assert JournalEvent.objects.count() == before + 1


def test_the_composer_offers_a_limited_operator_the_named_agents_alone() -> None:
    found_world()
    client = browser_of("ben", Role.OPERATOR)
    limited("ben", "bob")

    page = text_of(client.get("/worlds/demo/"))

    assert "<option selected>bob</option>" in page
    assert "ada</option>" not in page


def test_who_is_limited_to_no_agent_acts_for_none() -> None:
    found_world()
    ben = person("ben", Role.OPERATOR)
    limited("ben")

    assert ben.post("decisions/", {**WAIT, "agent_id": "ada"}).status == 403


def test_maintainers_and_superusers_are_not_limited() -> None:
    found_world()
    zoe = person("zoe", Role.MAINTAINER)

    assert zoe.post("decisions/", {**WAIT, "agent_id": "bob"}).status == 201
    assert superuser().post("decisions/", {**WAIT, "agent_id": "bob"}).status == 201


def test_a_role_that_changes_takes_the_limit_along() -> None:
    found_world()
    person("ben", Role.OPERATOR)
    limited("ben", "ada")

    change_role(get_any_world("demo"), "ben", Role.MAINTAINER, EVE)

    assert Membership.objects.get().acts_for is None


def test_the_limit_is_set_on_the_members_page_and_shown_to_all() -> None:
    found_world()
    User.objects.create(username="ben")
    client = browser_of("eve", Role.MAINTAINER)
    Membership.objects.create(
        world_id=get_any_world("demo").pk, account=User.objects.get(username="ben"), role="operator"
    )

    client.post("/worlds/demo/team/ben/", {"limit": "some", "agents": "bob, ada"})

    stored = Membership.objects.get(account__username="ben").acts_for
    assert stored is not None
    assert json.loads(stored) == ["ada", "bob"]
    page = text_of(browser_of("vic", Role.VIEWER).get("/worlds/demo/team/"))
    assert "for ada, bob only" in page
    assert "acts for all agents → acts for ada, bob" in page
    client.post("/worlds/demo/team/ben/", {"limit": "all"})
    assert Membership.objects.get(account__username="ben").acts_for is None


@pytest.mark.parametrize("agents", ["nobody", "ada <b>", "../x", "a" * 129])
def test_an_agent_that_is_not_in_the_world_is_refused(agents: str) -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    person("ben", Role.OPERATOR)

    answer = client.post("/worlds/demo/team/ben/", {"limit": "some", "agents": agents})

    assert answer.status_code == 422
    assert "acts_for" in text_of(answer)
    assert "<b>" not in text_of(answer)
    assert Membership.objects.get(account__username="ben").acts_for is None


def test_only_operators_are_limited() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    person("vic", Role.VIEWER)

    form = {"limit": "some", "agents": "ada"}
    assert client.post("/worlds/demo/team/vic/", form).status_code == 422
