"""The addresses of agents' tokens: a maintainer lists, makes, replaces and revokes them."""

import pytest

from lifecycle.access.tokens import find_holder
from lifecycle.models.worlds import AgentToken, Role
from tests.api.speaking import Api, nobody, person
from tests.service import found_world

pytestmark = pytest.mark.django_db
TOKENS = "agents/ada/tokens/"


def test_a_token_is_made_shown_once_and_revoked(tokens: dict[str, str]) -> None:
    eve = person("eve", Role.MAINTAINER)

    made = eve.post(TOKENS, {})

    assert made.status == 201
    assert made.headers["Cache-Control"] == "no-store"
    token = made.json["token"]
    assert find_holder(token) is not None
    assert find_holder(tokens["ada"]) is not None
    listed = eve.get(TOKENS)
    assert [row["prefix"] for row in listed.json["tokens"]] == [token[:12], tokens["ada"][:12]]
    assert token.encode() not in listed.body

    ended = eve.post(f"{TOKENS}{made.json['token_id']}/revoke/", {})

    assert ended.status == 200
    assert [row["valid"] for row in ended.json["tokens"]] == [True, False]
    assert find_holder(token) is None


def test_the_others_end_after_the_hours_that_are_given(tokens: dict[str, str]) -> None:
    eve = person("eve", Role.MAINTAINER)

    later = eve.post(f"{TOKENS}?replace_after_hours=24", {}).json["token"]
    assert find_holder(tokens["ada"]) is not None
    at_once = eve.post(f"{TOKENS}?replace_after_hours=0", {}).json["token"]

    assert [find_holder(token) is None for token in (tokens["ada"], later, at_once)] == [
        True,
        True,
        False,
    ]


def test_hours_that_cannot_be_are_refused(tokens: dict[str, str]) -> None:
    answer = person("eve", Role.MAINTAINER).post(f"{TOKENS}?replace_after_hours=ten", {})

    assert (answer.status, answer.code) == (400, "invalid_parameter")
    assert find_holder(tokens["ada"]) is not None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.AUDITOR])
def test_who_is_no_maintainer_is_told_so(tokens: dict[str, str], role: Role) -> None:
    ben = person("ben", role)
    number = AgentToken.objects.get(agent_id="ada").pk

    assert ben.get(TOKENS).status == 403
    assert ben.post(TOKENS, {}).status == 403
    assert ben.post(f"{TOKENS}{number}/revoke/", {}).status == 403
    assert find_holder(tokens["ada"]) is not None


def test_an_agents_own_token_changes_no_tokens(ada: Api) -> None:
    assert ada.post(TOKENS, {}).status == 403
    assert nobody().post(TOKENS, {}).status == 401


def test_a07_a_token_is_found_under_its_own_agent_and_world_alone(tokens: dict[str, str]) -> None:
    assert tokens
    found_world("theirs", "zoe")
    eve = person("eve", Role.MAINTAINER)
    zoes = AgentToken.objects.get(agent_id="zoe").pk
    bobs = AgentToken.objects.get(agent_id="bob").pk

    for number in (zoes, bobs, 99999):
        assert eve.post(f"{TOKENS}{number}/revoke/", {}).status == 404
    assert eve.get("agents/nobody/tokens/").status == 404
    assert eve.get("/api/v1/worlds/theirs/agents/zoe/tokens/").status == 404
    assert not AgentToken.objects.exclude(revoked_at=None).exists()
