"""Who looks at a world: the people with streams of it, wherever they are held."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lifecycle.models.presence import Presence
from lifecycle.models.worlds import Role
from tests.notebook.people import account, browser_of
from tests.programs import eventually
from tests.service import decide, found_world
from tests.serving import Reader, Web, bearer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a web server on the tests' database."""
    del django_db_setup
    started = Web(tmp_path_factory.mktemp("web"))
    yield started
    started.running.make_sure_it_is_gone()


@pytest.fixture
def tokens() -> dict[str, str]:
    """Found the worlds; give the tokens of their agents."""
    return {**found_world("demo", "ada", "bob"), **found_world("other", "eve")}


def session(name: str, world: str = "demo") -> dict[str, str]:
    """Log a member in; give the header of the session."""
    cookies = browser_of(name, Role.VIEWER, world=world).cookies
    return {"Cookie": f"sessionid={cookies['sessionid'].value}"}


def people_of(stream: Reader, wanted: list[str]) -> list[str]:
    """Read until a stream tells of some people, and give what it told last."""
    told = stream.take("presence").data["people"]
    while told != wanted:
        told = stream.take("presence").data["people"]
    return list(told)


def test_people_are_told_who_else_looks_and_that_they_left(
    web: Web, tokens: dict[str, str]
) -> None:
    del tokens
    vera = session("vera")
    with Reader(web.port, vera) as first:
        people_of(first, ["vera"])
        with Reader(web.port, vera), Reader(web.port, session("sam")) as second:
            assert people_of(first, ["sam", "vera"])
            assert people_of(second, ["sam", "vera"])
        assert people_of(first, ["vera"])


def test_agents_are_not_people_and_are_told_of_none(web: Web, tokens: dict[str, str]) -> None:
    with Reader(web.port, bearer(tokens["ada"])) as ada, Reader(web.port, session("vera")) as vera:
        assert people_of(vera, ["vera"])
        decide("bob", "wait")
        kinds = [told.event for told in (ada.next(), ada.next()) if told is not None]

    assert kinds == ["ready", "journal"]


def test_who_looks_at_another_world_is_not_told(web: Web, tokens: dict[str, str]) -> None:
    del tokens
    with Reader(web.port, session("otto", "other"), world="other") as there:
        assert people_of(there, ["otto"])
        with Reader(web.port, session("vera")) as here:
            assert people_of(here, ["vera"])


def test_people_at_another_web_server_are_told_and_forgotten_when_it_is_lost(
    web: Web, tokens: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    del tokens
    other = Web(tmp_path_factory.mktemp("other"))
    try:
        with (
            Reader(web.port, session("vera")) as here,
            Reader(other.port, session("sam")) as there,
        ):
            assert people_of(here, ["sam", "vera"]) == people_of(there, ["sam", "vera"])
            other.running.make_sure_it_is_gone()
            lost = Presence.objects.get(account="sam")
            lost.seen_at -= timedelta(minutes=1)
            lost.save()
            assert people_of(here, ["vera"])
    finally:
        other.running.make_sure_it_is_gone()


def test_nobody_is_left_in_the_table(web: Web, tokens: dict[str, str]) -> None:
    del tokens
    account("quinn", Role.VIEWER)
    with Reader(web.port, session("vera")) as stream:
        people_of(stream, ["vera"])

    assert eventually(lambda: not Presence.objects.exists())
