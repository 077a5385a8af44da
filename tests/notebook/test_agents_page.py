"""The pages of agents: everybody sees them; a maintainer adds agents and changes their tokens."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from lifecycle.access.tokens import find_holder
from lifecycle.models.projections import Agent, Location
from lifecycle.models.teams import WorldChange
from lifecycle.models.worlds import AgentToken, Role
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.worlds import create_world
from tests.notebook.people import browser_of, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db
AGENTS = "/worlds/demo/agents/"
ADA = f"{AGENTS}ada/"


def token_on(page: str) -> str:
    found = re.search(r">(wst_[\w-]{43})<", page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("role", Role)
def test_every_member_sees_agents_and_the_first_characters_of_tokens(role: Role) -> None:
    tokens = found_world()
    client = browser_of("eve", role)

    listed, one = text_of(client.get(AGENTS)), text_of(client.get(ADA))

    assert "ada" in listed
    assert "hub" in listed
    assert tokens["ada"][:12] in one
    assert tokens["ada"] not in listed + one
    assert ("Make a new token" in one) is (role is Role.MAINTAINER)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.AUDITOR])
def test_only_a_maintainer_adds_agents_and_changes_tokens(role: Role) -> None:
    found_world()
    client = browser_of("eve", role)
    number = str(AgentToken.objects.get(agent_id="ada").pk)

    answers = [
        client.post(AGENTS, {"agent_id": "zoe"}),
        client.post(ADA),
        client.post(ADA, {"replace": "yes", "hours": "0"}),
        client.post(ADA, {"revoke": number}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert Agent.objects.count() == 2
    assert AgentToken.objects.filter(revoked_at=None).count() == 2


def test_an_agent_is_added_and_its_token_is_shown_once() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(AGENTS, {"agent_id": "zoe", "location_id": "hub"})

    token = token_on(text_of(answer))
    holder = find_holder(token)
    assert holder is not None
    assert holder.agent_id == "zoe"
    assert "no-store" in answer.headers["Cache-Control"]
    assert token not in text_of(client.get(AGENTS)) + text_of(client.get(f"{AGENTS}zoe/"))
    assert AgentToken.objects.get(agent_id="zoe").issued_by == "eve"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"agent_id": "ada"}, "exists already"),
        ({"agent_id": ""}, "agent_id"),
        ({"agent_id": "<b>"}, "not a valid id"),
        ({"agent_id": "zoe", "location_id": "moon"}, "is not in this world"),
    ],
)
def test_an_agent_that_cannot_be_is_refused_and_its_form_kept(
    form: dict[str, str], said: str
) -> None:
    found_world()

    answer = browser_of("eve", Role.MAINTAINER).post(AGENTS, form)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "<b>" not in text_of(answer)
    assert Agent.objects.count() == 2


def test_a_token_is_replaced_at_once() -> None:
    old = found_world()["ada"]

    page = text_of(browser_of("eve", Role.MAINTAINER).post(ADA, {"replace": "yes", "hours": "0"}))

    assert find_holder(token_on(page)) is not None
    assert find_holder(old) is None


def test_a_token_is_replaced_with_an_overlap_and_then_ends() -> None:
    old = found_world()["ada"]
    page = text_of(browser_of("eve", Role.MAINTAINER).post(ADA, {"replace": "yes", "hours": "2"}))
    new = token_on(page)

    assert find_holder(old) is not None
    assert "ending" in page
    # Two hours later.
    AgentToken.objects.filter(prefix=old[:12]).update(ends_at=utc_now() - timedelta(seconds=2))

    assert find_holder(old) is None
    assert find_holder(new) is not None


@pytest.mark.parametrize("hours", ["", "-1", "169", "1.5", "many"])
def test_an_overlap_that_cannot_be_is_refused_and_the_tokens_stay(hours: str) -> None:
    old = found_world()["ada"]

    answer = browser_of("eve", Role.MAINTAINER).post(ADA, {"replace": "yes", "hours": hours})

    assert answer.status_code == 422
    assert find_holder(old) is not None
    assert AgentToken.objects.filter(agent_id="ada").count() == 1


def test_a_token_is_revoked_and_the_record_says_by_whom() -> None:
    old = found_world()["ada"]
    client = browser_of("eve", Role.MAINTAINER)
    number = str(AgentToken.objects.get(agent_id="ada").pk)

    answer = client.post(ADA, {"revoke": number}, follow=True)

    assert find_holder(old) is None
    assert "is revoked" in text_of(answer)
    newest = WorldChange.objects.first()
    assert newest is not None
    assert (newest.account, newest.before) == ("eve", "valid")
    assert old[:12] in newest.name


@pytest.mark.parametrize("number", ["", "x", "99999", "0", "-1"])
def test_a07_a_token_of_another_agent_is_not_revoked_by_number(number: str) -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    bobs = str(AgentToken.objects.get(agent_id="bob").pk)

    assert client.post(ADA, {"revoke": number}).status_code == 404
    assert client.post(ADA, {"revoke": bobs}).status_code == 404

    assert AgentToken.objects.filter(revoked_at=None).count() == 2


def test_when_a_token_was_last_used_is_noted_once_an_hour() -> None:
    token = found_world()["ada"]
    client = Client()
    headers = {"Authorization": f"Bearer {token}"}
    client.get("/api/v1/worlds/demo/", headers=headers)
    first = AgentToken.objects.get(agent_id="ada").last_used_at
    assert first is not None

    client.get("/api/v1/worlds/demo/", headers=headers)
    assert AgentToken.objects.get(agent_id="ada").last_used_at == first
    long_ago = first - timedelta(hours=3)
    AgentToken.objects.filter(agent_id="ada").update(last_used_at=long_ago)
    client.get("/api/v1/worlds/demo/", headers=headers)

    again = AgentToken.objects.get(agent_id="ada").last_used_at
    assert again is not None
    assert again >= first


PLACES = "/worlds/demo/places/"


def test_a_maintainer_adds_a_place_which_is_in_the_journal_by_the_notebook() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(PLACES, {"location_id": " quay "}, follow=True)

    assert answer.redirect_chain == [(f"{AGENTS}#places-title", 303)]
    assert "The place quay is here." in text_of(answer)
    assert "<li>quay</li>" in text_of(answer)
    newest = client.get("/api/v1/worlds/demo/events/").json()["events"][-1]
    assert (newest["kind"], newest["payload"]) == ("LocationRegistered", {"location_id": "quay"})
    assert (newest["actor"]["account"], newest["actor"]["channel"]) == ("eve", "notebook")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.AUDITOR])
def test_only_a_maintainer_adds_a_place(role: Role) -> None:
    found_world()
    client = browser_of("eve", role)

    assert client.post(PLACES, {"location_id": "quay"}).status_code == 403
    page = text_of(client.get(AGENTS))
    assert "<li>hub</li>" in page
    assert "Add a place" not in page


@pytest.mark.parametrize(
    ("place", "said"),
    [("hub", "exists already"), ("", "not a valid id"), ("a b", "not a valid id")],
)
def test_a_place_that_cannot_be_is_refused_at_its_field(place: str, said: str) -> None:
    found_world()

    answer = browser_of("eve", Role.MAINTAINER).post(PLACES, {"location_id": place})

    assert answer.status_code == 422
    page = text_of(answer)
    assert f'value="{place}"' in page
    assert 'aria-invalid="true" aria-describedby="place-fault"' in page
    assert said in page.partition('id="place-fault"')[2].partition("</p>")[0]
    assert Location.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [({"agent_id": "ada"}, "agent"), ({"agent_id": "z", "location_id": "moon"}, "start")],
)
def test_what_is_wrong_with_an_agent_stands_at_its_field(form: dict[str, str], field: str) -> None:
    found_world()

    page = text_of(browser_of("eve", Role.MAINTAINER).post(AGENTS, form))

    assert page.count('aria-invalid="true"') == 1
    assert f'aria-describedby="{field}-fault"' in page
    assert f'id="{field}-fault"' in page


@pytest.mark.parametrize("role", [Role.MAINTAINER, Role.OPERATOR])
def test_a_world_without_agents_leads_to_where_one_is_made(role: Role) -> None:
    create_world("demo")
    client = browser_of("eve", role)

    pages = [text_of(client.get(f"/worlds/demo/{address}")) for address in ("", "runs/")]

    assert "manage.py" not in pages[0]
    assert f'href="{AGENTS}' in pages[0].partition('id="new"')[2]
    assert ("Add one</a>" in pages[0]) is (role is Role.MAINTAINER)


def test_one_token_is_counted_as_one() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    client.post(f"{AGENTS}bob/")

    page = re.sub(r"<[^>]*>", "", text_of(client.get(AGENTS)))

    assert "1 valid token\n" in page
    assert "2 valid tokens" in page
