"""Worlds, agents and places over HTTP: who sees them, who adds them."""

import pytest

from lifecycle.models.worlds import Role
from lifecycle.usecases.worlds import add_location
from tests.api.speaking import V1, Api, agent, person, superuser
from tests.service import found_world

pytestmark = pytest.mark.django_db
WORLDS = f"{V1}worlds/"


def slugs_seen_by(api: Api) -> list[str]:
    """Give the worlds that somebody's list shows."""
    return [world["slug"] for world in api.get(WORLDS).json["worlds"]]


def test_everyone_sees_their_own_worlds_and_a_superuser_all(ada: Api) -> None:
    found_world("other", "eve")

    assert slugs_seen_by(ada) == ["demo"]
    assert slugs_seen_by(person("olga", Role.VIEWER, world="other")) == ["other"]
    assert slugs_seen_by(person("nina")) == []
    assert slugs_seen_by(superuser()) == ["demo", "other"]


def test_a_world_tells_where_its_journal_ends_and_what_is_in_it(ada: Api) -> None:
    ada.decide("wait_ticks", ticks=4)

    world = ada.get().json

    assert (world["slug"], world["head_seq"], world["tick"]) == ("demo", 5, 4)
    assert world["counts"] == {
        "agents": 2,
        "locations": 1,
        "artifacts": 0,
        "installed_modules": 0,
    }
    assert world["imported_at"] is None


def test_a_superuser_founds_a_world(tokens: dict[str, str]) -> None:
    assert tokens
    root = superuser()

    answer = root.post(WORLDS, {"slug": "new"})

    assert (answer.status, answer.json["head_seq"]) == (201, 1)
    event = root.get(f"{WORLDS}new/events/1/").json
    assert event["actor"] == {"account": "root", "agent_id": None, "channel": "api"}
    again = root.post(WORLDS, {"slug": "new"})
    assert (again.status, again.code) == (409, "world_exists")
    assert "“new”" in again.json["detail"]


def test_others_found_no_worlds(ada: Api) -> None:
    for api in (ada, person("mara", Role.MAINTAINER)):
        answer = api.post(WORLDS, {"slug": "new"})
        assert (answer.status, answer.code) == (403, "permission_denied")


@pytest.mark.parametrize("slug", ["../x", "a.b", "-a", "a" * 65, "é", "a b"])
def test_a_slug_that_is_none_is_refused(tokens: dict[str, str], slug: str) -> None:
    assert tokens
    answer = superuser().post(WORLDS, {"slug": slug})

    assert (answer.status, answer.code, answer.json["field"]) == (400, "invalid_id", "world")


def test_a_maintainer_adds_an_agent_whose_token_works_and_is_shown_once(
    tokens: dict[str, str],
) -> None:
    assert tokens
    mara = person("mara", Role.MAINTAINER)

    added = mara.post("agents/", {"agent_id": "scout", "location_id": "hub"})

    assert added.status == 201
    assert added.headers["Cache-Control"] == "no-store"
    scout = agent(added.json["token"])
    assert scout.decide("wait").json["agent_id"] == "scout"
    listed = mara.get("agents/")
    assert [row["agent_id"] for row in listed.json["agents"]] == ["ada", "bob", "scout"]
    assert added.json["token"] not in listed.body.decode()


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"agent_id": "ada"}, 422, "agent_exists"),
        ({"agent_id": "x", "location_id": "nowhere"}, 422, "location_not_found"),
        ({"agent_id": "../x"}, 400, "invalid_id"),
        ({"agent_id": "x", "location_id": "a b"}, 400, "invalid_id"),
        ({}, 400, "missing_field"),
        ({"agent_id": " "}, 400, "missing_field"),
        ({"agent_id": None}, 400, "missing_field"),
        ({"agent_id": 7}, 400, "wrong_type"),
        ({"agent_id": "x", "role": "god"}, 400, "unknown_field"),
        (["x"], 400, "not_an_object"),
    ],
)
def test_an_agent_that_cannot_be_added_is_refused(
    tokens: dict[str, str], members: object, status: int, code: str
) -> None:
    assert tokens
    mara = person("mara", Role.MAINTAINER)

    answer = mara.post("agents/", members)

    assert (answer.status, answer.code) == (status, code)
    assert len(mara.get("agents/").json["agents"]) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_json"),
        (b'{"agent_id": "x", "agent_id": "y"}', "duplicate_key"),
        (b'{"agent_id": "\xff"}', "invalid_utf8"),
        (b"[" * 100_000, "too_deep"),
        (b"9" * 5000, "invalid_number"),
    ],
)
def test_a_body_that_is_no_json_is_refused(tokens: dict[str, str], body: bytes, code: str) -> None:
    assert tokens
    answer = person("mara", Role.MAINTAINER).send("POST", f"{WORLDS}demo/agents/", body)

    assert (answer.status, answer.code) == (400, code)


def test_a_place_is_added_by_maintainers_only(ada: Api) -> None:
    mara = person("mara", Role.MAINTAINER)

    assert mara.post("locations/", {"location_id": "harbour"}).status == 201
    assert mara.post("locations/", {"location_id": "harbour"}).code == "location_exists"
    assert ada.decide("move_agent", to="harbour").status == 201
    for api in (ada, person("olga", Role.OPERATOR), person("vera", Role.VIEWER)):
        for path, member in (("locations/", "location_id"), ("agents/", "agent_id")):
            assert api.post(path, {member: "x"}).code == "permission_denied"


def test_agents_and_places_are_paged_by_id(ada: Api) -> None:
    for name in ("a", "b", "c"):
        add_location("demo", name)

    first = ada.get("locations/?limit=3").json
    rest = ada.get(f"locations/?limit=3&after={first['next']}").json

    listed = [row["location_id"] for row in first["locations"] + rest["locations"]]
    assert listed == ["a", "b", "c", "hub"]
    assert ada.get("agents/?limit=1").json["next"] == "ada"
    assert ada.get("agents/?after=ada").json["agents"][0]["agent_id"] == "bob"
